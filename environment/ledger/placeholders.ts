/** Replaces placeholders `{source.member}` in the requests of cleanup rules by values. */

/** The values of the placeholders, by source: JSON. */
export type Values = Readonly<Record<string, unknown>>

const placeholder = /\{([^{}]*)\}/g

/** The placeholders of a text, without their braces. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, inner = '']) => inner)
}

/**
 * Renders a URL, with encoded values; placeholders of sources that are not given stay. Returns the text and the values of the
 * request in it, or undefined if a value is missing or is not a string, number or boolean.
 */
export function renderAddress(template: string, sources: Values): { text: string; values: string[] } | undefined {
  let isComplete = true
  const values: string[] = []
  const text = template.replace(placeholder, (whole, inner: string) => {
    const value = valueAt(inner, sources)
    if (value === notGiven) return whole
    // Dots instead of an identifier would change the path.
    if (!isScalar(value) || /^\.{0,2}$/.test(String(value))) {
      isComplete = false
      return whole
    }
    if (inner.startsWith('request') || inner === 'token') values.push(String(value))
    // A complete URL is inserted unencoded.
    const written = inner === 'location' ? String(value) : encoded(String(value))
    if (written === undefined) isComplete = false
    return written ?? whole
  })
  return isComplete ? { text, values } : undefined
}

/**
 * Renders a text, with unencoded values; undefined if one is missing or empty, or is not a string, number or boolean: a removal
 * whose body has an empty value may remove everything.
 */
export function renderText(template: string, sources: Values): string | undefined {
  let isComplete = true
  const text = template.replace(placeholder, (whole, inner: string) => {
    const value = valueAt(inner, sources)
    if (value === notGiven) return whole
    if (!isScalar(value) || value === '') isComplete = false
    return String(value)
  })
  return isComplete ? text : undefined
}

/** Renders JSON: values in its strings; a string that is one placeholder becomes the value. Undefined if a value is missing or empty. */
export function renderJson(template: unknown, sources: Values): unknown {
  if (typeof template === 'string') {
    const alone = /^\{([^{}]*)\}$/.exec(template)?.[1]
    const value = alone === undefined ? notGiven : valueAt(alone, sources)
    if (value === notGiven) return renderText(template, sources)
    return (isScalar(value) && value !== '') || (typeof value === 'object' && value !== null) ? value : undefined
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

/** Whether the members at these paths contain these texts as whole words: `user.get` is not in `user.getOrCreate`. */
export function holdsTexts(value: unknown, texts: Readonly<Record<string, string>>): boolean {
  return Object.entries(texts).every(([path, text]) => {
    const member = memberAt(value, path)
    return isScalar(member) && holdsWords(String(member), text)
  })
}

/** Whether a text contains other words, with no letter, digit or underscore directly before or after them. */
export function holdsWords(text: string, words: string): boolean {
  const isWord = (at: number) => /[\p{L}\p{N}_]/u.test(text.charAt(at))
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) {
    const end = at + words.length
    const isPart = (isWord(at - 1) && isWord(at)) || (isWord(end - 1) && isWord(end))
    if (!isPart) return true
  }
  return false
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

/** Whether a value can be inserted into a text. */
function isScalar(value: unknown): value is string | number | boolean {
  // A value from a response must not be interpreted as a secret's placeholder.
  if (typeof value === 'string') return !value.includes('${secret:')
  // Larger JSON numbers are rounded, which makes another identifier.
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value)
  return typeof value === 'boolean'
}

/** Undefined for a lone surrogate. */
function encoded(text: string): string | undefined {
  try {
    return encodeURIComponent(text)
  } catch {
    return undefined
  }
}
