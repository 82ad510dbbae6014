/** Compares a response with a JSON Schema, or with an OpenAPI document, by the matcher `toMatchSchema`. */
import type { JsonValue } from '../parse/json/json.ts'
import { readNamedFile } from './files.ts'
import type { ApiDescription, RunningScenario } from './running-scenario.ts'

type Schema = { readonly [keyword: string]: JsonValue }

/** Throws an error that names the file, if it is not JSON in braces. @param given The schema, or the name of its file. */
export async function schemaOf(folder: string, given: JsonValue): Promise<Schema> {
  const schema = typeof given === 'string' ? parsed(given, String(await readNamedFile(folder, given))) : given
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema
  throw new Error('A JSON Schema is JSON in braces, such as {"type": "object"}, or a file with it.')
}

/** @param value A response of a request, or a value. */
export async function matchSchema(value: unknown, schema: Schema): Promise<void> {
  await (await matchers())(value).toMatchSchema(schema)
}

/** @param description A path of the app or a URL; else a file. */
export async function matchApi(scenario: RunningScenario, { where, folder }: ApiDescription): Promise<void> {
  const isAddress = /^(?:https?:)?\//.test(where)
  const openapi = isAddress ? scenario.url(where) : parsed(where, String(await readNamedFile(folder, where)))
  if (typeof openapi !== 'string' && (typeof openapi !== 'object' || openapi === null)) {
    throw new Error(`${where} is no OpenAPI document: it is JSON in braces, with the member paths.`)
  }
  await (await matchers())(scenario.last.response).toMatchSchema({ openapi })
}

async function matchers() {
  // Imported here: the command line reads the sentences, and runs none.
  const { expect } = await import('../../fixtures/matchers/expect.ts')
  return expect
}

function parsed(name: string, text: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`The file ${JSON.stringify(name)} is not JSON.`, { cause })
  }
}
