/** Imports `curl` command lines, as browsers and documentation give them. */
import { bodyOf, contentTypeOf } from './body.ts'
import { type Curl, operationsIn, readCurl } from './curl-options.ts'
import { commandsIn, wordsOf } from './curl-words.ts'
import {
  ImportError,
  type Imported,
  type ImportedAuth,
  type ImportedBody,
  type ImportedPart,
  type ImportedRequest,
  leftOut,
} from './imported.ts'
import { type RequestItem, scenariosOf } from './scenarios.ts'
import { ImportedVariables } from './variables.ts'

/** @param file Its name, for errors. Throws an `ImportError` for a line without a URL. */
export function importCurl(text: string, file: string): Imported {
  const variables = new ImportedVariables()
  const requests = commandsIn(text).flatMap(({ command, line }) =>
    operationsIn(wordsOf(command)).flatMap(words => readCurl(words, `${file}:${line}`)),
  )
  const items = requests.map((curl): RequestItem => {
    const left: ImportedPart[] = curl.left.map(option => leftOut(option, 'no sentence has this option of curl'))
    return {
      title: titleOf(curl),
      folders: [],
      uses: new Set(),
      saves: new Set(),
      request: () => requestOf(curl, variables),
      before: () => left,
      after: () => [],
    }
  })
  if (items.length === 0)
    throw new ImportError(
      `${file} has no command line that begins with curl: copy one as cURL in the browser's network tools.`,
    )
  return { title: 'curl', scenarios: scenariosOf(items, { title: 'curl', variables }), secrets: variables.secrets }
}

function requestOf(curl: Curl, variables: ImportedVariables): ImportedRequest {
  const headers = [...curl.headers]
  if (curl.cookies.length > 0) headers.push({ name: 'Cookie', value: curl.cookies.join('; ') })
  const texts = curl.data.flatMap(one => ('text' in one ? [one.text] : []))
  const query = [...curl.query, ...(curl.isGet ? texts : [])].filter(text => text !== '').join('&')
  const url = query === '' ? curl.url : `${curl.url}${curl.url.includes('?') ? '&' : '?'}${query}`
  const body = curl.isGet ? undefined : curlBody(curl, texts.join('&'), headers, variables)
  const method = curl.method ?? (curl.isHead ? 'HEAD' : body ? 'POST' : 'GET')
  return {
    method,
    url: variables.template(url),
    headers: headers.map(({ name, value }) => ({ name, value: variables.template(value) })),
    body,
    ...(curl.user !== undefined && { auth: authOf(curl.user, curl.isDigest, variables) }),
  }
}

/** @param given `user:password`; curl asks for a password that is not given. */
function authOf(given: string, isDigest: boolean, variables: ImportedVariables): ImportedAuth {
  const [user = '', ...password] = given.split(':')
  const secret = password.length > 0 ? password.join(':') : '{{password}}'
  return {
    kind: isDigest ? 'digest' : 'basic',
    name: variables.template(user),
    password: variables.template(secret),
  }
}

function curlBody(
  curl: Curl,
  joined: string,
  headers: readonly { name: string; value: string }[],
  variables: ImportedVariables,
): ImportedBody | undefined {
  if (curl.fields.length > 0) {
    return {
      kind: 'multipart',
      fields: curl.fields.map(field => ({ ...field, value: variables.template(field.text) })),
    }
  }
  if (curl.data.length === 0) return undefined
  const type = contentTypeOf(headers) ?? (curl.isJson ? 'application/json' : 'application/x-www-form-urlencoded')
  const [first, ...others] = curl.data
  if (first && 'file' in first && others.length === 0) {
    return first.file === '-'
      ? { kind: 'unknown', reason: 'no sentence reads the standard input' }
      : { kind: 'file', file: first.file, contentType: type }
  }
  if (curl.data.some(one => 'file' in one)) {
    return { kind: 'unknown', reason: 'no sentence sends a file and other data as one body' }
  }
  // Many write JSON without its Content-Type.
  if (!contentTypeOf(headers) && /^\s*[{[]/.test(joined)) return bodyOf(joined, 'application/json', variables)
  return bodyOf(joined, type, variables)
}

function titleOf({ method, url, isHead, data, fields, isGet }: Curl): string {
  const path = url.replace(/^(?:https?:\/\/[^/]+|[^/?#]*@[^/?#]+)/, '').replace(/\?.*$/, '')
  const verb = method ?? (isHead ? 'HEAD' : (data.length > 0 && !isGet) || fields.length > 0 ? 'POST' : 'GET')
  return `${verb} ${path === '' ? '/' : path}`
}
