/** The path of a field in JSON: `users[0].email`, `$["a name"].id`; `$` is the whole document. */

export type FieldPath = readonly (string | number)[]

const step = /(?:^|\.)([^.[\]"\s]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y

/** Throws an error with the text of an invalid path. */
export function parsePath(text: string): FieldPath {
  const path: (string | number)[] = []
  let rest = text.startsWith('$') ? text.slice(1) : text
  if (text.startsWith('$') && rest.startsWith('.')) rest = rest.slice(1)
  for (let at = 0; at < rest.length; ) {
    step.lastIndex = at
    const found = step.exec(rest)
    if (!found) throw new Error(`${text} is not a field path: write names and indexes, such as users[0].email.`)
    const [whole, name, index, quoted] = found
    path.push(name ?? (index === undefined ? JSON.parse(quoted ?? '""') : Number(index)))
    at += whole.length
  }
  return path
}

/** The value at the path; undefined if there is none. Inherited properties are ignored. */
export function follow(path: FieldPath, value: unknown): unknown {
  return path.reduce<unknown>(
    (at, name) => (isContainer(at) && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined),
    value,
  )
}

/** Explains why there is no value: how far the path exists, and what is there. */
export function whereItEnds(path: FieldPath, value: unknown): string {
  let at = value
  for (const [index, name] of path.entries()) {
    if (!isContainer(at) || !Object.hasOwn(at, name)) return ending(path.slice(0, index), name, at)
    at = Reflect.get(at, name)
  }
  return ''
}

function pathText(path: FieldPath): string {
  const text = path.map(name => {
    if (typeof name === 'number') return `[${name}]`
    return /^[^.[\]"\s]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
  })
  return text.join('').replace(/^\./, '') || '$'
}

function ending(before: FieldPath, name: string | number, at: unknown): string {
  const where = before.length === 0 ? 'The response' : pathText(before)
  if (Array.isArray(at)) {
    return typeof name === 'number'
      ? `${where} is a list of length ${at.length}, so there is no [${name}].`
      : `${where} is a list of length ${at.length}: write an index, as in ${pathText([...before, 0, name])}.`
  }
  if (!isContainer(at)) return `${where} is ${at === undefined ? 'not JSON' : JSON.stringify(at)}, which has no fields.`
  const names = Object.keys(at)
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '')
  return `${where} has no field ${name}; its fields: ${shown || 'none'}.`
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
