/** Makes a body of the text of a request, by its Content-Type. */
import type { ImportedBody } from './imported.ts'
import type { ImportedVariables } from './variables.ts'

/** @param contentType As sent; undefined: JSON if the text is JSON. */
export function bodyOf(text: string, contentType: string | undefined, variables: ImportedVariables): ImportedBody {
  const type = contentType?.toLowerCase() ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) return { kind: 'form', fields: formFields(text, variables) }
  const isJson = type === '' || /\bjson\b/.test(type)
  const json = isJson ? variables.json(text) : undefined
  if (json) return { kind: 'json', json }
  const sent = contentType ?? 'text/plain'
  return { kind: 'text', text: variables.template(text), contentType: sent }
}

/** `a=1&b=two words` in any layout; values may be percent-encoded. */
function formFields(text: string, variables: ImportedVariables) {
  const pairs = text
    .split('&')
    .map(pair => pair.trim())
    .filter(pair => pair !== '')
  return pairs.map(pair => {
    const [name = '', ...rest] = pair.split('=')
    return { name: decoded(name.trim()), value: variables.template(decoded(rest.join('=').trim())) }
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** The value of `Content-Type`; undefined if there is none. */
export function contentTypeOf(headers: readonly { name: string; value: string }[]): string | undefined {
  return headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value
}
