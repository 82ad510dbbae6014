/** Derives the route of a path: with a name for each segment that looks like an identifier. */

export interface Route {
  /** `/carts/{cart}/items`, for a rule's `create`. */
  create: string
  /** `/carts/{path.cart}/items`, for a rule's other requests. */
  remove: string
}

const identifier = /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|(?=.*\d)[\w-]{20,})$/i

/**
 * @param path Without the base URL's prefix.
 * @param endsInName Whether its last segment names a resource, even if it does not look like an identifier.
 */
export function routeOf(path: string, endsInName = false): Route {
  const names = new Set<string>()
  const segments = path.split('/')
  const written = segments.map((segment, n) => {
    const isName = identifier.test(segment) || (endsInName && n > 1 && n === segments.length - 1)
    if (!isName) return { create: segment, remove: segment }
    const singular = (segments[n - 1] ?? '').replace(/s$/, '').replace(/\W/g, '')
    const stem = /^[A-Za-z_]/.test(singular) ? singular : 'id'
    const name = names.has(stem) ? `${stem}${n}` : stem
    names.add(name)
    return { create: `{${name}}`, remove: `{path.${name}}` }
  })
  return {
    create: written.map(({ create }) => create).join('/') || '/',
    remove: written.map(({ remove }) => remove).join('/'),
  }
}
