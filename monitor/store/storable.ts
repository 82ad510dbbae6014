/** Makes text storable in Postgres: replaces NUL and lone surrogates, which it rejects, by U+FFFD. */

export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd')
}

/** Serializes a value as storable JSON. */
export function storableJson(value: unknown): string {
  // A backslash and the character that it escapes are one match, so that "u0000" after an escaped backslash is not
  // replaced.
  return JSON.stringify(value).replace(/\\(u0000|ud[89a-f]..|.)/g, (whole, escaped) => {
    return escaped.length === 1 ? whole : '\ufffd'
  })
}
