/** Validates the URL of a channel, and appends to it. */
import { text } from '../schema-parts.ts'

const isUsable = (value: string) => value.includes('${secret:') || isHttp(value)

/** Without a user and a password, which would not be sent. */
function isHttp(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return /^https?:$/.test(protocol) && username + password === ''
}

const urlOr = (remedy: string) => text(remedy).refine(isUsable, { error: remedy })

export const channelUrl = urlOr('write a URL, or secret("NAME") for one in the environment')

/** Of a service that has a default. */
export const serviceUrl = (example: string) => urlOr(`write a URL such as ${example}`)

/** The URL of a path below that of a service. A URL that cannot be used is returned as it is, and reported later. */
export function urlBelow(service: string, path: string): string {
  if (!URL.canParse(service)) return service
  const url = new URL(service)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`
  return url.href
}
