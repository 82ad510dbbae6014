/** Answers the challenge of HTTP Digest authentication (RFC 7616). */
import { createHash, randomBytes } from 'node:crypto'

export interface DigestCredentials {
  user: string
  password: string
}

const algorithms: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

/**
 * The value of Authorization for a request that was refused; undefined if the challenge is another one than Digest, or has an
 * algorithm or a protection that is not known.
 * @param challenge The value of WWW-Authenticate.
 */
export function digestAuthorization(
  { user, password }: DigestCredentials,
  { method, url, challenge }: { method: string; url: string; challenge: string },
): string | undefined {
  const [, text] = /(?:^|,\s*)Digest\s+(.*)$/is.exec(challenge) ?? []
  if (text === undefined) return undefined
  const { realm = '', nonce = '', opaque, algorithm = 'MD5', qop } = parametersOf(text)
  const name = algorithms[algorithm.toUpperCase().replace(/-SESS$/, '')]
  const qops = qop?.split(',').map(one => one.trim().toLowerCase())
  if (name === undefined || qops?.includes('auth') === false) return undefined
  const hash = (...parts: readonly string[]) => createHash(name).update(parts.join(':')).digest('hex')
  const { pathname, search } = new URL(url)
  const uri = `${pathname}${search}`
  const [count, cnonce] = ['00000001', randomBytes(8).toString('hex')]
  const key = hash(user, realm, password)
  const ofUser = /-sess$/i.test(algorithm) ? hash(key, nonce, cnonce) : key
  const ofRequest = hash(method, uri)
  const response = qops ? hash(ofUser, nonce, count, cnonce, 'auth', ofRequest) : hash(ofUser, nonce, ofRequest)
  const quoted = { username: user, realm, nonce, uri, response, ...(opaque !== undefined && { opaque }) }
  return `Digest ${[
    ...Object.entries(quoted).map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`),
    `algorithm=${algorithm}`,
    ...(qops ? ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`] : []),
  ].join(', ')}`
}

function parametersOf(text: string): Partial<Record<string, string>> {
  const found = text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)
  return Object.fromEntries(
    [...found].map(([, name = '', quoted, word]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? word]),
  )
}
