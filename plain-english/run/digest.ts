/** Answers the challenge of HTTP Digest authentication (RFC 7616). */
import { createHash, randomBytes } from 'node:crypto'

export interface DigestCredentials {
  user: string
  password: string
}

const algorithms: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

/** The parameters of a challenge, by name in lower case. */
type Challenge = Record<string, string | undefined>

/**
 * The value of Authorization for a request that was refused: the answer to the first challenge that can be answered. Undefined if
 * none is one of Digest with a known algorithm and a known protection.
 * @param challenge The value of WWW-Authenticate, which can have several challenges.
 */
export function digestAuthorization(
  { user, password }: DigestCredentials,
  { method, url, challenge }: { method: string; url: string; challenge: string },
): string | undefined {
  const answered = digestsIn(challenge).find(one => hashName(one) !== undefined && hasKnownProtection(one))
  const name = hashName(answered ?? {})
  if (!answered || name === undefined) return undefined
  const { realm = '', nonce = '', opaque, algorithm = 'MD5', qop } = answered
  const hash = (...parts: readonly string[]) => createHash(name).update(parts.join(':')).digest('hex')
  const { pathname, search } = new URL(url)
  const uri = `${pathname}${search}`
  const [count, cnonce] = ['00000001', randomBytes(8).toString('hex')]
  const key = hash(user, realm, password)
  const ofUser = /-sess$/i.test(algorithm) ? hash(key, nonce, cnonce) : key
  const ofRequest = hash(method, uri)
  const response =
    qop === undefined ? hash(ofUser, nonce, ofRequest) : hash(ofUser, nonce, count, cnonce, 'auth', ofRequest)
  const quoted = { username: user, realm, nonce, uri, response, ...(opaque !== undefined && { opaque }) }
  return `Digest ${[
    ...Object.entries(quoted).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`),
    `algorithm=${algorithm}`,
    ...(qop === undefined ? [] : ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`]),
  ].join(', ')}`
}

/** As Node names it. */
function hashName({ algorithm = 'MD5' }: Challenge): string | undefined {
  return algorithms[algorithm.toUpperCase().replace(/-SESS$/, '')]
}

function hasKnownProtection({ qop }: Challenge): boolean {
  return qop === undefined || qop.split(',').some(one => one.trim().toLowerCase() === 'auth')
}

/** The challenges of Digest, in order. A word without a value begins one: `Digest realm="a", Basic realm="b"`. */
function digestsIn(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Challenge }[] = []
  const words = text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([\w-]+)/g)
  for (const [, name = '', quoted, word, scheme] of words) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} })
    const { parameters } = challenges.at(-1) ?? {}
    if (scheme === undefined && parameters) parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? word
  }
  return challenges.filter(({ scheme }) => scheme === 'digest').map(({ parameters }) => parameters)
}
