/**
 * Sessions of operators, in a signed cookie: valid on all instances with the same token, until they expire or the token
 * changes.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { CookieOptions, Request } from 'express'

export const sessionMs = 12 * 3_600_000

export interface Sessions {
  /** The name of the cookie, without a prefix. */
  readonly cookie: string
  /** Returns the value of the cookie. */
  begin(name: string, now: number): string
  /** Returns the operator's name; undefined for a value that is not signed with the token, or has expired. */
  nameIn(value: string, now: number): string | undefined
}

/**
 * @param publicUrl REPRISE_URL. With the token it makes the name of the cookie: browsers send cookies to all ports of a host, so
 * that monitors there would end each other's sessions. Instances of one monitor have the same name.
 */
export function sessionsOf(token: string, publicUrl = ''): Sessions {
  const key = Buffer.from(hkdfSync('sha256', token, '', 'reprise: session of an operator', 32))
  const signature = (text: string) => createHmac('sha256', key).update(text).digest()
  const own = Buffer.from(hkdfSync('sha256', token, '', `reprise: cookie of ${publicUrl}`, 6)).toString('hex')
  return {
    cookie: `reprise-${own}`,
    begin(name, now) {
      const text = `${now + sessionMs}.${Buffer.from(name).toString('base64url')}`
      return `${text}.${signature(text).toString('base64url')}`
    },
    nameIn(value, now) {
      const [, text = '', expiry, name = '', given = ''] =
        /^((\d{1,16})\.([\w-]{1,600}))\.([\w-]{43})$/.exec(value) ?? []
      const expected = signature(text)
      const presented = Buffer.from(given, 'base64url')
      if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) return undefined
      return Number(expiry) > now ? Buffer.from(name, 'base64url').toString() : undefined
    },
  }
}

/** The prefix makes browsers refuse such a cookie of a sibling domain, or without encryption. */
export const cookieName = ({ cookie }: Pick<Sessions, 'cookie'>, isSecure: boolean) =>
  isSecure ? `__Host-${cookie}` : cookie

export const cookieOptions = (isSecure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  secure: isSecure,
  path: '/',
})

/** The values of the session's cookie: there are several if another page, such as of the parent domain, has set one. */
export function cookiesOf(request: Request, sessions: Pick<Sessions, 'cookie'>, isSecure: boolean): string[] {
  const pairs = (request.headers.cookie ?? '').split(';').map(pair => pair.trim())
  const prefix = `${cookieName(sessions, isSecure)}=`
  return pairs.filter(pair => pair.startsWith(prefix)).map(pair => pair.slice(prefix.length))
}
