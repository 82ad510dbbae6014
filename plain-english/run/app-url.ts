/** Which URL a sentence means: production's own names lead to the app under test, and no request leaves for a stranger. */

export interface Hosts {
  /** Of the app under test; undefined if there is none. */
  baseURL: string | undefined
  /** Origins of production, which stand for the app. */
  origins: readonly string[]
  /** Other origins to which requests may go. */
  allow: readonly string[]
}

/**
 * The absolute URL. @param base What a path is relative to; default: the app.
 * Throws an error that says what to write if there is nothing to be relative to, or if nobody allows a request there.
 */
export function appUrl(given: string, base: string | undefined, { baseURL, origins, allow }: Hosts): string {
  const against = base ?? baseURL
  if (!URL.canParse(given, against)) {
    if (URL.canParse(given, 'http://app')) {
      throw new Error(`There is no app under test for ${given}: set \`app\` or \`baseURL\`, or write a whole URL.`)
    }
    throw new Error(`${given} is no URL: write a path such as /users, or a URL such as https://api.example.com/users.`)
  }
  const url = new URL(given, against)
  if (baseURL !== undefined) {
    const app = new URL(baseURL)
    if (url.origin === app.origin) return url.href
    if (origins.some(origin => isOrigin(origin, url))) return new URL(url.pathname + url.search + url.hash, app).href
  }
  if (allow.some(origin => isOrigin(origin, url))) return url.href
  throw new Error(refusal(url, origins))
}

function refusal(url: URL, origins: readonly string[]): string {
  const known =
    origins.length > 0 ? `the app under test knows itself as ${origins.join(', ')}` : 'no origin stands for it'
  return `A request to ${url.origin} is refused: it is not the app under test (${known}). If it belongs to the app, add it to \`origins\` of plainEnglish() in Playwright's config; if requests to it are wanted, to \`allow\`.`
}

function isOrigin(origin: string, url: URL): boolean {
  return URL.canParse(origin) && new URL(origin).origin === url.origin
}
