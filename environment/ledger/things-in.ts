/** Extracts the things from a response: one thing, a list, or an object with one list. Undefined if the body is not JSON. */
export function thingsIn(body: string): unknown[] | undefined {
  let found: unknown
  try {
    found = JSON.parse(body)
  } catch {
    return undefined
  }
  if (Array.isArray(found)) return found
  if (typeof found !== 'object' || found === null) return []
  const lists = Object.values(found).filter(Array.isArray)
  return lists.length === 1 ? lists[0] : [found]
}
