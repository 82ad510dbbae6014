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

/** An object with one list, which `thingsIn` takes for that list, without it: it may be a thing that has a list. */
export function withoutList(body: string): Record<string, unknown> | undefined {
  let found: unknown
  try {
    found = JSON.parse(body)
  } catch {
    return undefined
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined
  const members = Object.entries(found)
  const others = members.filter(([, member]) => !Array.isArray(member))
  return members.length - others.length === 1 ? Object.fromEntries(others) : undefined
}
