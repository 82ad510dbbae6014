/** Text that holds variables, such as `/users/${id}`. */

/** Texts and variables, in their order; neighbouring texts are one, and none is empty. */
export type Template = readonly (string | Variable)[]

export interface Variable {
  /** What stands between `${` and `}`: `id`, `user.email`, `env:NAME`, `secret:NAME`, `unique.email`. */
  name: string
  /** Where its `$` stands. */
  offset: number
}

/** What variables stand for while a scenario runs. */
export interface Values {
  /** Throws an error that says why there is no value. */
  valueOf(name: string): unknown
}

export function renderText(template: Template, values: Values): string {
  return template.map(part => (typeof part === 'string' ? part : textOf(values.valueOf(part.name)))).join('')
}

/** As `renderText`, but what is one variable and nothing else keeps the type of its value. */
export function renderValue(template: Template, values: Values): unknown {
  const [first, ...rest] = template
  if (first !== undefined && typeof first !== 'string' && rest.length === 0) return values.valueOf(first.name)
  return renderText(template, values)
}

export function variablesIn(template: Template): Variable[] {
  return template.filter(part => typeof part !== 'string')
}

/** The template of a text in which `${` begins a variable; `offset` is where the text stands. An unclosed `${` is text. */
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

/** How a value stands in a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
