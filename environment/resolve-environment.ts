/** Resolves the option `target` to a deployed environment: validates it, and puts in the values of its secrets. */

import type { ClientCertificate, Environment, Replay, TargetOptions } from './environment.ts'
import { type CleanupPlan, parseCleanupRule } from './ledger/cleanup-rule.ts'
import { parseRead, type ReadPlan } from './ledger/reads.ts'
import { conceal, reveal, secretNames } from './secrets/secret.ts'

export interface ResolvedEnvironment {
  /** Its name in messages. */
  readonly name: string
  readonly baseURL: string
  /** Whether a URL is on `baseURL`'s origin or one of `origins`. */
  owns(url: URL): boolean
  /** With the values of their secrets; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the headers contain secrets. */
  readonly hasSecretHeaders: boolean
  readonly writes: 'refused' | 'cleaned'
  readonly cleanup: readonly CleanupPlan[]
  readonly reads: readonly ReadPlan[]
  /** The options of a Playwright context, with the values of their secrets. */
  readonly tls: TlsOptions
  /** Replaces secrets in a text by placeholders, so that it may be stored. */
  conceal(text: string): string
  /** Replaces placeholders in a text by the secrets. */
  reveal(text: string): string
  /** The response header with the service's version, in lower case. */
  readonly versionHeader: string | undefined
  /** The URL whose response is the service's version. */
  readonly versionUrl: string | undefined
  readonly emailDomain: string
  readonly replays: readonly Replay[]
  readonly ledgerFolder: string | undefined
  readonly ledgerSocket: string | undefined
  /** The configuration, with placeholders for its secrets, so that it may be stored. */
  readonly environment: Environment
}

interface TlsOptions {
  ignoreHTTPSErrors?: boolean
  clientCertificates?: (ClientCertificate & { origin: string })[]
}

/** REPRISE_TARGET replaces `baseURL`. Throws one error with every fault. */
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
  const { version } = environment
  const versionUrl = attempt(() => versionUrlOf(version, base))
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
    versionHeader: version && 'header' in version ? version.header.toLowerCase() : undefined,
    versionUrl: versionUrl?.href,
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
    // Without the value, which contains a password.
    throw new Error(
      `${name} contains a user name or a password, which would appear in logs; set target.headers instead, as in authorization: secret('SMOKE_TOKEN').`,
    )
  }
  return url
}

function versionUrlOf(version: Environment['version'], base: URL | undefined): URL | undefined {
  if (version === undefined || !('path' in version) || base === undefined) return undefined
  const url = URL.canParse(version.path, base) ? new URL(version.path, base) : undefined
  if (url?.origin === base.origin) return url
  throw new Error(`target.version.path is ${JSON.stringify(version.path)}; write a path of baseURL, such as /version.`)
}

function headerOf(name: string, value: string): string {
  // The characters that Node refuses to send; a line feed would end the header.
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    throw new Error(`target.headers has ${JSON.stringify(name)}, which is not a valid header name.`)
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new Error(`target.headers.${name} has a character that is not allowed in a header, such as a line feed.`)
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
