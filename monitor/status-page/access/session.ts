/**
 * Sessions of operators, in a signed cookie: valid on all instances with the same token, until they expire or the token
 * changes.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { CookieOptions, Request } from 'express'

export const sessionMs = 12 * 3_600_000

export interface Sessions {
  /** Returns the value of the cookie. */
  begin(name: string, now: number): string
  /** Returns the operator's name; undefined for a value that is not signed with the token, or has expired. */
  nameIn(value: string, now: number): string | undefined
}

export function sessionsOf(token: string): Sessions {
  const key = Buffer.from(hkdfSync('sha256', token, '', 'reprise: session of an operator', 32))
  const signature = (text: string) => createHmac('sha256', key).update(text).digest()
  return {
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
export const cookieName = (isSecure: boolean) => (isSecure ? '__Host-reprise' : 'reprise')

export const cookieOptions = (isSecure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  secure: isSecure,
  path: '/',
})

/** The values of the session's cookie: there are several if another page, such as of the parent domain, has set one. */
export function cookiesOf(request: Request, isSecure: boolean): string[] {
  const pairs = (request.headers.cookie ?? '').split(';').map(pair => pair.trim())
  const prefix = `${cookieName(isSecure)}=`
  return pairs.filter(pair => pair.startsWith(prefix)).map(pair => pair.slice(prefix.length))
}
