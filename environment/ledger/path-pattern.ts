/** Matches the paths of rules, which are relative to the base URL like those in specs, and may have named segments. */

const name = /\{([^{}]*)\}/g

export interface PathPattern {
  /** The names of the named segments. */
  readonly names: readonly string[]
  /** The values of the named segments; undefined if the URL does not match. */
  match(url: URL, baseURL: string): Record<string, string> | undefined
}

/** @param path `/orders/{shop}`, or `orders/{shop}`. Throws an error with an invalid name of a segment. */
export function pathPattern(path: string): PathPattern {
  const names = [...path.matchAll(name)].map(([, name = '']) => name)
  const odd = names.find((name, n) => !/^[A-Za-z_]\w*$/.test(name) || names.indexOf(name) < n)
  if (odd !== undefined) {
    throw new Error(`{${odd}} is not a valid name for a segment; write a name like {shop}, each name once.`)
  }
  const pattern = new RegExp(
    `^${trimmed(path)
      .split(name)
      .map((part, n) => (n % 2 === 0 ? part.replace(/[.*+?^$(){}[\]\\|]/g, '\\$&') : `(?<${part}>[^/]+)`))
      .join('')}$`,
  )
  return {
    names,
    match(url, baseURL) {
      for (const prefix of [...prefixesOf(url, baseURL), '']) {
        const found = pattern.exec(trimmed(url.pathname.slice(prefix.length)))
        if (!found) continue
        return Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, text]) => [name, decoded(text)]))
      }
      return undefined
    },
  }
}

/**
 * The URL, as text, of a rule's path for a request: with the base URL's prefix if the request's path has it.
 * Not built by `URL`, which would encode placeholders. @param path Also an absolute URL.
 */
export function addressOf(path: string, request: URL, baseURL: string): string {
  if (/^https?:\/\//.test(path)) return path
  const [prefix = ''] = prefixesOf(request, baseURL)
  const absolute = path.startsWith('/') ? path : `/${path}`
  return `${request.origin}${isBelow(absolute, prefix) ? '' : prefix}${absolute}`
}

/** The prefixes, without trailing slash, to which a spec's path for this URL may be relative; the longest first. */
export function prefixesOf(url: URL, baseURL: string): string[] {
  const base = new URL(baseURL)
  if (base.origin !== url.origin) return []
  // `things` is resolved against the base URL's folder, which is empty for https://api.example.com/v1.
  const folder = base.pathname.slice(0, base.pathname.lastIndexOf('/'))
  return [...new Set([trimmedEnd(base.pathname), folder])].filter(
    prefix => prefix !== '' && isBelow(url.pathname, prefix),
  )
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

function trimmed(path: string): string {
  return trimmedEnd(path).replace(/^\/+/, '')
}

/** The path without trailing slashes. */
export function trimmedEnd(path: string): string {
  return path.replace(/\/+$/, '')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
