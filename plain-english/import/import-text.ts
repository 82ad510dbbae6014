/** Recognizes the format of a file of another tool, and imports it. */
import { parseDocument } from 'yaml'
import { importCurl, isCurl } from './curl.ts'
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
  if (text.trim() === '') throw new ImportError(`${file} is empty.`)
  if (/\.(?:http|rest)$/i.test(file)) return importHttpFile(text, file, environment)
  const isCommands = isCurl(text)
  const document = isCommands ? undefined : documentOf(text, file)
  if (isPostman(document)) return importPostman(inFormat(postmanFormat, document, file), file, environment)
  if (environment) {
    throw new ImportError(`${file} has no variables that an environment gives values: leave out --environment.`)
  }
  if (isCommands) return importCurl(text, file)
  if (isHar(document)) return importHar(inFormat(harFormat, document, file), file)
  if (isOpenApi(document)) return importOpenApi(inFormat(openApiFormat, document, file), file)
  throw new ImportError(`${file} cannot be imported: ${unknownFormat(document)}`)
}

function documentOf(text: string, file: string): unknown {
  const looksLikeData =
    /^\s*[{[]/.test(text) || /\.(?:json|har|ya?ml)$/i.test(file) || /^(?:openapi|swagger)\s*:/m.test(text)
  if (!looksLikeData) throw new ImportError(`${file} cannot be imported: ${unknownFormat(undefined)}`)
  const json = jsonOf(text)
  if (json !== undefined) return withoutNull(withoutResponseBodies(json))
  if (text.length > longestYaml) {
    const megabytes = Math.round(text.length / 1e6)
    throw new ImportError(`${file} is no JSON, and with ${megabytes} MB too long for YAML: export it again as JSON.`)
  }
  // JSON is YAML; this reader knows the places of faults in both.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: false })
  const [error] = document.errors
  if (error) {
    const { line = 1, col = 1 } = error.linePos?.[0] ?? {}
    throw new ImportError(
      `${file}:${line}:${col}: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}.`,
    )
  }
  return withoutNull(document.toJS({ maxAliasCount: 1000 }))
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

function unknownFormat(document: unknown): string {
  const { swagger, requests, _type, values, name } = Object(document)
  if (swagger !== undefined)
    return `it is Swagger ${swagger}: convert it to OpenAPI 3 first, for instance with swagger2openapi.`
  if (Array.isArray(requests)) return 'it is a Postman collection of format 1: export it in format 2.1.'
  if (_type === 'export') return 'it is an export of Insomnia: export it as HAR.'
  if (Array.isArray(values) && name !== undefined)
    return 'it is an environment of Postman: give the collection, and this file by --environment.'
  return 'it is no Postman collection, OpenAPI 3 document, HAR file, .http or .rest file, or list of curl commands.'
}
