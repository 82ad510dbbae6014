/** A path of a rule: relative to the base URL as a spec's paths are, with names for segments. */

const name = /\{([^{}]*)\}/g

export interface PathPattern {
  /** The names of its segments. */
  readonly names: readonly string[]
  /** The values of the segments, by their names; undefined if the URL is not of this path. */
  match(url: URL, baseURL: string): Record<string, string> | undefined
}

/** @param path `/orders/{shop}`, or `orders/{shop}`. Throws an error that names what is no name of a segment. */
export function pathPattern(path: string): PathPattern {
  const names = [...path.matchAll(name)].map(([, name = '']) => name)
  const odd = names.find((name, n) => !/^[A-Za-z_]\w*$/.test(name) || names.indexOf(name) < n)
  if (odd !== undefined) {
    throw new Error(`{${odd}} names no segment of the path; write a name like {shop}, each once.`)
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
 * The URL, as text, of a rule's path that belongs to a request: below the base URL's own path if the request is.
 * Not by `URL`, which would encode placeholders. @param path Also a whole URL.
 */
export function addressOf(path: string, request: URL, baseURL: string): string {
  if (/^https?:\/\//.test(path)) return path
  const [prefix = ''] = prefixesOf(request, baseURL)
  const absolute = path.startsWith('/') ? path : `/${path}`
  return `${request.origin}${isBelow(absolute, prefix) ? '' : prefix}${absolute}`
}

/** The paths, without their last slash, that the URL is below and that a path of a spec may be relative to; the longest first. */
export function prefixesOf(url: URL, baseURL: string): string[] {
  const base = new URL(baseURL)
  if (base.origin !== url.origin) return []
  // `things` is resolved against the folder of the base URL: https://api.example.com/v1 has no path of its own.
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

/** Without slashes at its end. */
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
