/** Tells a query that says how a resource is to be removed from one that says what of it. */

/** Ending in one of these words, in any notation: `?force=true`, `?hard_delete=1`, `?_rev=1-abc`, `?ifSeqNo=4`. */
const ofRemoval =
  /^(?:_|if_?)?(?:force|hard|purge|permanent(?:ly)?|cascade|recursive|version|rev(?:ision)?|etag|match|seq_?no|primary_?term|refresh|wait|api_?version|confirm(?:ed)?)(?:_?(?:delete|remove|version))?$/i

/**
 * Whether the query of a removal names nothing but what the request's own query names. The names that say how to remove do not
 * count.
 */
export function namesSame(removal: URL, { searchParams }: URL): boolean {
  return [...removal.searchParams].every(
    ([name, value]) => ofRemoval.test(name.replaceAll('-', '_')) || searchParams.getAll(name).includes(value),
  )
}

/** Whether a request with this query removes the resource that the path names. Of other names it is not known. */
export function removesByPath({ searchParams }: URL): boolean {
  return [...searchParams].every(([name, value]) => ofRemoval.test(name.replaceAll('-', '_')) && !isNo.test(value))
}

const isNo = /^(?:false|no|0|off)$/i
