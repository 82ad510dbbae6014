/** Paths of this server to which a page returns after a form. */

const base = 'http://page.invalid'

/** Returns the path with its query; `/` for a URL of another host, and for what is no path. */
export function localPath(given: unknown): string {
  if (typeof given !== 'string' || !given.startsWith('/') || !URL.canParse(given, base)) return '/'
  const url = new URL(given, base)
  // "//host" and "/\host" are URLs of another host.
  return url.origin === base && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/'
}
