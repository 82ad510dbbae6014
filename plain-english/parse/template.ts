/** A text with variables, such as `/users/${id}`. */

/** Texts and variables in order; no text is empty, and no two are adjacent. */
export type Template = readonly (string | Variable)[]

export interface Variable {
  /** The characters between `${` and `}`: `id`, `user.email`, `env:NAME`, `secret:NAME`, `unique.email`. */
  name: string
  /** Of its `$`. */
  offset: number
}

/** Resolves variables while a scenario runs. */
export interface Values {
  /** Throws an error with the reason if there is no value. */
  valueOf(name: string): unknown
}

export function renderText(template: Template, values: Values): string {
  return template.map(part => (typeof part === 'string' ? part : textOf(values.valueOf(part.name)))).join('')
}

/** Like `renderText`, but a template of a single variable keeps the type of its value. */
export function renderValue(template: Template, values: Values): unknown {
  const [first, ...rest] = template
  if (first !== undefined && typeof first !== 'string' && rest.length === 0) return values.valueOf(first.name)
  return renderText(template, values)
}

export function variablesIn(template: Template): Variable[] {
  return template.filter(part => typeof part !== 'string')
}

/** Parses a text; a `${` without a `}` is literal text. @param offset Where the text begins in the source. */
export function templateOf(text: string, offset: number): Template {
  const parts: (string | Variable)[] = []
  let from = 0
  for (const found of text.matchAll(/\$\{([^{}]*)\}/g)) {
    if (found.index > from) parts.push(text.slice(from, found.index))
    parts.push({ name: found[1] ?? '', offset: offset + found.index })
    from = found.index + found[0].length
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}

/** A value as part of a text: a string as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
