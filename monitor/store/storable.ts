/** Texts as Postgres can store them: with U+FFFD for NUL and for halves of surrogate pairs, which it takes in no text. */

export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd')
}

/** JSON of a value that has one. */
export function storableJson(value: unknown): string {
  // A backslash and what it escapes are one match, so that an escaped backslash before "u0000" stays what it is.
  return JSON.stringify(value).replace(/\\(u0000|ud[89a-f]..|.)/g, (whole, escaped) => {
    return escaped.length === 1 ? whole : '\ufffd'
  })
}
