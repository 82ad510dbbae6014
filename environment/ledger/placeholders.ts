/** Puts values in the place of `{source.member}` in what a cleanup rule sends. */

/** What the placeholders stand for, by their source: JSON. */
export type Values = Readonly<Record<string, unknown>>

const placeholder = /\{([^{}]*)\}/g

/** The placeholders of a text, without their braces. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, inner = '']) => inner)
}

/**
 * With the values encoded for a URL; placeholders of sources that are not given stay. Gives the text and the values of the
 * request in it, or undefined if a value is missing, or is no text, number or boolean.
 */
export function renderAddress(template: string, sources: Values): { text: string; values: string[] } | undefined {
  let isComplete = true
  const values: string[] = []
  const text = template.replace(placeholder, (whole, inner: string) => {
    const value = valueAt(inner, sources)
    if (value === notGiven) return whole
    // A path with dots in the place of an identifier would lead elsewhere.
    if (!isScalar(value) || /^\.{0,2}$/.test(String(value))) {
      isComplete = false
      return whole
    }
    if (inner.startsWith('request') || inner === 'token') values.push(String(value))
    // An address of its own, that nothing else may become a part of.
    const written = inner === 'location' ? String(value) : encoded(String(value))
    if (written === undefined) isComplete = false
    return written ?? whole
  })
  return isComplete ? { text, values } : undefined
}

/** With the values as they are; undefined if one is missing, or is no text, number or boolean. */
export function renderText(template: string, sources: Values): string | undefined {
  let isComplete = true
  const text = template.replace(placeholder, (whole, inner: string) => {
    const value = valueAt(inner, sources)
    if (value === notGiven) return whole
    if (!isScalar(value)) isComplete = false
    return String(value)
  })
  return isComplete ? text : undefined
}

/** JSON with the values in its texts; a text that is one placeholder alone becomes its value. Undefined if one is missing. */
export function renderJson(template: unknown, sources: Values): unknown {
  if (typeof template === 'string') {
    const alone = /^\{([^{}]*)\}$/.exec(template)?.[1]
    const value = alone === undefined ? notGiven : valueAt(alone, sources)
    if (value === notGiven) return renderText(template, sources)
    return isScalar(value) || (typeof value === 'object' && value !== null) ? value : undefined
  }
  if (typeof template !== 'object' || template === null) return template
  const entries = Object.entries(template).map(([name, value]) => [name, renderJson(value, sources)] as const)
  if (entries.some(([, value]) => value === undefined)) return undefined
  return Array.isArray(template) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

/** The member of a value at a path such as `items.0.id` or `items[0].id`; the value itself at an empty path. */
export function memberAt(value: unknown, path: string): unknown {
  return path === '' ? value : membersOf(path).reduce(memberOf, value)
}

/** Whether the members of a value at these paths hold these texts. */
export function holdsTexts(value: unknown, texts: Readonly<Record<string, string>>): boolean {
  return Object.entries(texts).every(([path, text]) => {
    const member = memberAt(value, path)
    return isScalar(member) && String(member).includes(text)
  })
}

const notGiven = Symbol('its source is not given')

function valueAt(given: string, sources: Values): unknown {
  const inner = given === 'location' ? 'location.href' : given
  const [source = '', ...members] = membersOf(inner)
  return Object.hasOwn(sources, source) ? members.reduce(memberOf, sources[source]) : notGiven
}

function membersOf(path: string): string[] {
  return path.replace(/\[(\d+)\]/g, '.$1').split('.')
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/** Whether a value can stand in a text as it is. */
function isScalar(value: unknown): value is string | number | boolean {
  // What an answer says must not be taken for a placeholder of ours.
  if (typeof value === 'string') return !value.includes('${secret:')
  // JSON's numbers are rounded beyond these, to the identifier of something else.
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value)
  return typeof value === 'boolean'
}

/** Undefined for half a character. */
function encoded(text: string): string | undefined {
  try {
    return encodeURIComponent(text)
  } catch {
    return undefined
  }
}
