/** Recognizes the format of a file of another tool, and imports it. */
import { parseDocument } from 'yaml'
import { importCurl } from './curl.ts'
import { isCurl } from './curl-words.ts'
import type { ImportedEnvironment } from './environment.ts'
import { harFormat, inFormat, openApiFormat, postmanFormat, withoutNull } from './formats.ts'
import { importHar, isHar } from './har.ts'
import { importHttpFile } from './http-file.ts'
import { ImportError, type Imported } from './imported.ts'
import { isOpenApi } from './openapi/document.ts'
import { importOpenApi } from './openapi/openapi.ts'
import { importPostman, isPostman } from './postman.ts'

/** In characters. The reader of YAML needs a hundred bytes and a microsecond for each. */
const longestYaml = 10_000_000

/**
 * Throws an `ImportError` that names the place and the remedy.
 * @param file Its name, by which `.http` files are recognized.
 * @param environment The values of its variables that are in other files.
 */
export function importText(content: string, file: string, environment?: ImportedEnvironment): Imported {
  const text = content.replace(/^\uFEFF/, '')
  if (text.trim() === '') throw new ImportError(`${file} is empty: export or save it again.`)
  // A script of httpyac begins with two braces.
  if (/\.(?:http|rest)$/i.test(file) && !/^\s*\{(?!\{)/.test(text)) return importHttpFile(text, file, environment)
  const isCommands = isCurl(text)
  const document = isCommands ? undefined : documentOf(text, file)
  if (isPostman(document)) return importPostman(inFormat(postmanFormat, document, file), file, environment)
  if (environment) {
    throw new ImportError(`${file} has no variables that an environment gives values: leave out --environment.`)
  }
  if (isCommands) return importCurl(text, file)
  if (isHar(document)) return importHar(inFormat(harFormat, document, file), file)
  if (isOpenApi(document)) return importOpenApi(inFormat(openApiFormat, document, file), file)
  const what = typeof document === 'object' ? unknownFormat(document) : unknownText(text, file)
  throw new ImportError(`${file} cannot be imported: ${what}`)
}

function documentOf(text: string, file: string): unknown {
  const looksLikeData =
    /^\s*[{[]/.test(text) || /\.(?:json|har|ya?ml)$/i.test(file) || /^(?:openapi|swagger)\s*:/m.test(text)
  // Of a page, the reader of YAML would report a place that means nothing.
  if (!looksLikeData || isMarkup(text)) throw new ImportError(`${file} cannot be imported: ${unknownText(text, file)}`)
  const json = jsonOf(text)
  if (json !== undefined) return withoutNull(withoutResponseBodies(json))
  if (text.length > longestYaml) {
    const megabytes = Math.round(text.length / 1e6)
    throw new ImportError(
      endsEarly(text)
        ? `${file}: ${broken}`
        : `${file} is no JSON, and with ${megabytes} MB too long for YAML: export it again as JSON.`,
    )
  }
  // JSON is YAML; this reader knows the places of faults in both.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: false })
  const [error] = document.errors
  if (error) {
    const { line = 1, col = 1 } = error.linePos?.[0] ?? {}
    const reason = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')
    throw new ImportError(
      endsEarly(text)
        ? `${file}:${line}:${col}: ${broken}`
        : `${file}:${line}:${col}: ${reason}. Correct it there, or export the document again.`,
    )
  }
  return withoutNull(document.toJS({ maxAliasCount: 1000 }))
}

const broken = 'the document ends before its last bracket is closed: export or download it again.'

/** Whether a document in braces was cut off, as by a download that broke. */
function endsEarly(text: string): boolean {
  let [open, isText] = [0, false]
  for (const [mark] of text.matchAll(/\\[\s\S]|["{}[\]]/g)) {
    if (mark === '"') isText = !isText
    else if (!isText && mark.length === 1) open += mark === '{' || mark === '[' ? 1 : -1
  }
  return /^\s*[{[]/.test(text) && (isText || open > 0)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The bodies of responses are most of a HAR file, and nothing reads them. */
function withoutResponseBodies(document: unknown): unknown {
  if (isHar(document))
    for (const entry of document.log.entries) delete Object(Object(Object(entry).response).content).text
  return document
}

const knownFormats = 'Postman collection, OpenAPI 3 document, HAR file, .http or .rest file, or list of curl commands'

const isMarkup = (text: string) => /^\s*</.test(text)

/** What a text is that is neither JSON nor YAML, and what to do. */
function unknownText(text: string, file: string): string {
  if (isMarkup(text)) return 'it is HTML or XML, such as a page for signing in: save the document itself.'
  if (/\.bru$/i.test(file)) return 'it is a request of Bruno: export the collection as one of Postman.'
  if (/^\s*Scenario:/im.test(text) && !/^\s*Feature:/im.test(text))
    return 'it has scenarios in English already: run it by reprise plain-english run.'
  if (/^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S/m.test(text))
    return `it has requests as an .http file: rename it to ${file.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '')}.http.`
  return `it is no ${knownFormats}.`
}

function unknownFormat(document: unknown): string {
  const { swagger, requests, _type, type, values, name } = Object(document)
  if (swagger !== undefined)
    return `it is Swagger ${swagger}: convert it to OpenAPI 3 first, for instance with swagger2openapi.`
  if (Array.isArray(requests)) return 'it is a Postman collection of format 1: export it in format 2.1.'
  if (_type === 'export' || /\binsomnia\b/.test(String(type))) return 'it is an export of Insomnia: export it as HAR.'
  if (Array.isArray(values) && name !== undefined)
    return 'it is an environment of Postman: give the collection, and this file by --environment.'
  return `it is no ${knownFormats}.`
}
