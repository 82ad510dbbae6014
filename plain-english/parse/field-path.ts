/** The way to a field of JSON: `users[0].email`, `$["a name"].id`; `$` is the whole. */

export type FieldPath = readonly (string | number)[]

const step = /(?:^|\.)([^.[\]"\s]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y

/** Throws an error that names what cannot be read. */
export function parsePath(text: string): FieldPath {
  const path: (string | number)[] = []
  let rest = text.startsWith('$') ? text.slice(1) : text
  if (text.startsWith('$') && rest.startsWith('.')) rest = rest.slice(1)
  for (let at = 0; at < rest.length; ) {
    step.lastIndex = at
    const found = step.exec(rest)
    if (!found) throw new Error(`${text} is no way to a field: write names and numbers, such as users[0].email.`)
    const [whole, name, index, quoted] = found
    path.push(name ?? (index === undefined ? JSON.parse(quoted ?? '""') : Number(index)))
    at += whole.length
  }
  return path
}

/** What is there; undefined if there is nothing. Names of what a value inherits lead nowhere. */
export function follow(path: FieldPath, value: unknown): unknown {
  return path.reduce<unknown>(
    (at, name) => (isContainer(at) && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined),
    value,
  )
}

/** Why there is nothing: how far the path leads, and what is there instead. */
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
      ? `${where} is a list of ${at.length}, so that there is no [${name}].`
      : `${where} is a list: say which of its ${at.length} is meant, as in ${pathText([...before, 0, name])}.`
  }
  if (!isContainer(at)) return `${where} is ${at === undefined ? 'no JSON' : JSON.stringify(at)}, which has no fields.`
  const names = Object.keys(at)
  const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '')
  return `${where} has no field ${name}; it has ${shown || 'none at all'}.`
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
