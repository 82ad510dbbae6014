/** A deployed environment that is ready to be used: its faults are found, its secrets revealed. */

import type { ClientCertificate, Environment, Replay, TargetOptions } from './environment.ts'
import { type CleanupPlan, parseCleanupRule } from './ledger/cleanup-rule.ts'
import { parseRead, type ReadPlan } from './ledger/reads.ts'
import { conceal, reveal, secretNames } from './secrets/secret.ts'

export interface ResolvedEnvironment {
  /** How messages call it. */
  readonly name: string
  readonly baseURL: string
  /** Whether a URL is on `baseURL`'s origin or one of `origins`. */
  owns(url: URL): boolean
  /** With their secrets; the names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the headers hold secrets. */
  readonly hasSecretHeaders: boolean
  readonly writes: 'refused' | 'cleaned'
  readonly cleanup: readonly CleanupPlan[]
  readonly reads: readonly ReadPlan[]
  /** As options of a Playwright context, with their secrets. */
  readonly tls: TlsOptions
  /** The text with its secrets as placeholders: what may be stored. */
  conceal(text: string): string
  /** Turns a concealed text back. */
  reveal(text: string): string
  /** The response header that tells the service's version. */
  readonly versionHeader: string | undefined
  readonly emailDomain: string
  readonly replays: readonly Replay[]
  readonly ledgerFolder: string | undefined
  readonly ledgerSocket: string | undefined
  /** As it was configured, with placeholders for its secrets: what may be stored. */
  readonly environment: Environment
}

interface TlsOptions {
  ignoreHTTPSErrors?: boolean
  clientCertificates?: (ClientCertificate & { origin: string })[]
}

/** Resolves what was configured; REPRISE_TARGET replaces `baseURL`. Throws one error that names every fault. */
export function resolveEnvironment(options: TargetOptions, env: NodeJS.ProcessEnv): ResolvedEnvironment {
  const { name, replays = [], ledgerFolder, ledgerSocket, ...environment } = options
  const faults: string[] = []
  const attempt = <T>(what: () => T): T | undefined => {
    try {
      return what()
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }
  const given = env.REPRISE_TARGET
    ? { name: 'REPRISE_TARGET', url: env.REPRISE_TARGET }
    : { name: 'target.baseURL', url: environment.baseURL ?? '' }
  const base = attempt(() => urlOf(given.name, given.url))
  const origins = (environment.origins ?? []).map((origin, n) => attempt(() => urlOf(`target.origins[${n}]`, origin)))
  const headers = Object.entries(environment.headers ?? {}).map(([header, value]) => [
    header.toLowerCase(),
    attempt(() => headerOf(header, reveal(value, env))) ?? '',
  ])
  const cleanup = (environment.cleanup ?? []).flatMap(rule => attempt(() => parseCleanupRule(rule)) ?? [])
  const reads = (environment.reads ?? []).flatMap(line => attempt(() => parseRead(line)) ?? [])
  const tls = attempt(() => tlsOf(environment.tls, base, env)) ?? {}
  const writes = environment.writes ?? 'refused'
  if (writes !== 'refused' && writes !== 'cleaned') {
    faults.push(`target.writes is ${JSON.stringify(writes)}; write 'refused' (the default) or 'cleaned'.`)
  }
  if (faults.length > 0) throw new Error(faults.join('\n'))
  const owned = new Set([base, ...origins].map(url => url?.origin))
  const baseURL = base?.href ?? ''
  const secrets = [...new Set([...secretNames(environment), ...(environment.secrets ?? [])])]
  return {
    name: name ?? (env.REPRISE_TARGET ? 'REPRISE_TARGET' : (base?.host ?? '')),
    baseURL,
    owns: url => owned.has(url.origin),
    headers: Object.fromEntries(headers),
    hasSecretHeaders: secretNames(environment.headers).length > 0,
    writes,
    cleanup,
    reads,
    tls,
    conceal: text => conceal(text, secrets, env),
    reveal: text => reveal(text, env),
    versionHeader: environment.version?.header.toLowerCase(),
    emailDomain: environment.emailDomain ?? 'example.com',
    replays,
    ledgerFolder,
    ledgerSocket,
    environment: { ...environment, baseURL },
  }
}

function urlOf(name: string, text: string): URL {
  const example = 'such as https://api.example.com'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Error(`${name} is ${JSON.stringify(text)}; write an http:// or https:// URL, ${example}.`)
  }
  if (url.username || url.password) {
    // Not the value itself: it holds a password.
    throw new Error(
      `${name} holds a user or a password, which would end up in logs; put them into target.headers, as in authorization: secret('SMOKE_TOKEN').`,
    )
  }
  return url
}

function headerOf(name: string, value: string): string {
  // What Node refuses to send; a line feed would end the header.
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    throw new Error(`target.headers has ${JSON.stringify(name)}, which cannot be the name of a header.`)
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new Error(`target.headers.${name} holds a character that no header may hold, such as a line feed.`)
  }
  return value
}

function tlsOf(tls: Environment['tls'], base: URL | undefined, env: NodeJS.ProcessEnv): TlsOptions {
  const { clientCertificates, ...options } = tls ?? {}
  if (!clientCertificates) return options
  return {
    ...options,
    clientCertificates: clientCertificates.map(certificate => ({
      ...certificate,
      origin: certificate.origin ?? base?.origin ?? '',
      ...(certificate.passphrase !== undefined && { passphrase: reveal(certificate.passphrase, env) }),
    })),
  }
}
