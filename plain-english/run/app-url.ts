/** Resolves the URL of a sentence: production origins map to the app under test, other hosts are refused. */

export interface Hosts {
  /** The URL of the app under test; undefined if there is none. */
  baseURL: string | undefined
  /** Origins of production, which are replaced by that of the app. */
  origins: readonly string[]
  /** Other origins that requests may be sent to. */
  allow: readonly string[]
}

/**
 * The absolute URL. Throws an error with a remedy for a relative URL without a base, and for a host that is not allowed.
 * @param base The base of a relative URL; default: the app.
 */
export function appUrl(given: string, base: string | undefined, hosts: Hosts): string {
  const url = new URL(addressIn(given, base, hosts))
  const { baseURL, origins, allow } = hosts
  const isApp = baseURL !== undefined && url.origin === new URL(baseURL).origin
  if (isApp || allow.some(origin => isOrigin(origin, url))) return url.href
  throw new Error(refusal(url, origins))
}

/**
 * Like `appUrl`, without a refusal: for the address of a page or of a redirect, to which nothing is sent.
 * @param base The base of a relative URL; default: the app.
 */
export function addressIn(given: string, base: string | undefined, { baseURL, origins }: Hosts): string {
  const against = base ?? baseURL
  if (!URL.canParse(given, against)) {
    if (URL.canParse(given, 'http://app')) {
      throw new Error(`There is no app under test for ${given}: set \`app\` or \`baseURL\`, or write an absolute URL.`)
    }
    throw new Error(
      `${given} is not a URL: write a path such as /users, or a URL such as https://api.example.com/users.`,
    )
  }
  const url = new URL(given, against)
  if (baseURL === undefined) return url.href
  const app = new URL(baseURL)
  const isApp = url.origin !== app.origin && origins.some(origin => isOrigin(origin, url))
  // Concatenated: a path that begins with // would be another host.
  return isApp ? new URL(app.origin + url.pathname + url.search + url.hash).href : url.href
}

function refusal(url: URL, origins: readonly string[]): string {
  const known =
    origins.length > 0 ? `whose production origins are ${origins.join(', ')}` : 'which has no production origins'
  return `A request to ${url.origin} is refused: it is not the app under test, ${known}. In plainEnglish() of Playwright's config, add it to \`origins\` if it is the app in production, or to \`allow\` if requests to it are intended.`
}

function isOrigin(origin: string, url: URL): boolean {
  return URL.canParse(origin) && new URL(origin).origin === url.origin
}
