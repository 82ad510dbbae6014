/** Redacts whatever gives access to a channel: receivers often repeat the request's path in their responses. */
import { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { secretNames } from '../../environment/secrets/secret.ts'
import type { Channel } from '../config/channels.ts'

/** Shorter values are no secrets, and occur in many texts. */
const shortest = 8

/** @param revealed The channel with the values of its secrets, which are in `env`. */
export function channelRedactor(channel: Channel, revealed: Channel, env: NodeJS.ProcessEnv): Redactor {
  const secrets = secretNames(channel).map((name): [string, string] => [name, env[name] ?? ''])
  const settings = [...urlParts(revealed.url), ...(revealed.kind === 'webhook' ? credentials(revealed) : [])]
  return new Redactor(new Map([...secrets, ...settings.filter(([, value]) => value.length >= shortest)]))
}

type Named = [name: string, value: string]

function urlParts(text: string): Named[] {
  if (!URL.canParse(text)) return [['URL', text]]
  const { href, pathname, search } = new URL(text)
  const target = `${pathname}${search}`
  const pieces = target.split(/[/?&=]/).map((piece, index): Named => [`path part ${index}`, piece])
  return [['URL', text], ['whole URL', href], ['path and query', target], ['path', pathname], ...pieces]
}

function credentials({ signingKey = '', headers = {} }: Extract<Channel, { kind: 'webhook' }>): Named[] {
  return [['signingKey', signingKey], ...Object.entries(headers)]
}
