/** Sentences about the body of the last response: its format, its bytes, and the schema that it matches. */
import { createHash } from 'node:crypto'
import { expect } from '@playwright/test'
import type { Format } from '../compile/parameters.ts'
import { textOf } from '../parse/template.ts'
import { assertThat } from '../run/assertion.ts'
import { faultOfXml, mediaTypeIn, readCsv } from '../run/body-data.ts'
import { jsonOf } from '../run/exchange.ts'
import { readNamedFile } from '../run/files.ts'
import type { RunningScenario } from '../run/running-scenario.ts'
import { matchApi, matchSchema, schemaOf } from '../run/schema.ts'
import { defineSentence } from './define-sentence.ts'

export const bodies = [
  defineSentence(
    'Response Should Be {format}',
    async ({ scenario }, format) => {
      const fault = await faultOf(scenario, format)
      const claim = { subject: 'the response', words: 'should be', wanted: format }
      assertThat(mediaType(scenario), claim, () => expect(fault, `the fault of the ${format}`).toBeUndefined())
    },
    {
      meaning: 'the body has this format: JSON, XML and CSV are parsed, and for HTML the media type is compared',
      example: 'Response Should Be XML',
    },
  ),
  defineSentence(
    'Response Should Not Be {format}',
    async ({ scenario }, format) => {
      const fault = await faultOf(scenario, format)
      const claim = { subject: 'the response', words: 'should not be', wanted: format }
      assertThat(mediaType(scenario), claim, () => expect(fault, `the fault of the ${format}`).toBeDefined())
    },
    { meaning: 'the body does not have this format', example: 'Response Should Not Be HTML' },
  ),
  defineSentence(
    'Response Should Have Type {text}',
    ({ scenario }, type) =>
      assertThat(mediaType(scenario), { subject: 'the media type', words: 'should be', wanted: type }, it =>
        it.toBe(type.toLowerCase()),
      ),
    { meaning: 'the body has this media type', example: 'Response Should Have Type image/png' },
  ),
  defineSentence(
    'Response Body Should Have {int} Byte(s)',
    async ({ scenario }, length) =>
      assertThat(
        await bytesOf(scenario),
        { subject: 'the body', words: 'should have a length of', wanted: length },
        it => it.toHaveLength(length),
      ),
    { meaning: 'the body is this long', example: 'Response Body Should Have 1024 Bytes' },
  ),
  defineSentence(
    'Response Body Should Have Hash {text}',
    async ({ scenario }, hash) => {
      const algorithm = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' }[hash.length]
      if (!algorithm)
        throw new Error(`${hash} is no hash: write that of MD5, SHA-1, SHA-256 or SHA-512 in hexadecimal.`)
      const actual = createHash(algorithm)
        .update(await bytesOf(scenario))
        .digest('hex')
      assertThat(actual, { subject: `the ${algorithm} of the body`, words: 'should be', wanted: hash }, it =>
        it.toBe(hash.toLowerCase()),
      )
    },
    {
      meaning: 'the body has this hash: MD5, SHA-1, SHA-256 or SHA-512, in hexadecimal',
      example: 'Response Body Should Have Hash 5d41402abc4b2a76b9719d911017c592',
    },
  ),
  defineSentence(
    'Response Body Should Be The File {string}',
    async ({ scenario }, name) => {
      const [actual, wanted] = [await bytesOf(scenario), await readNamedFile(scenario.folder, name)]
      const claim = { subject: 'the body', words: 'should be the file', wanted: name }
      assertThat(`${actual.length} bytes`, claim, () => expect(actual.equals(wanted), 'the bytes are equal').toBe(true))
    },
    {
      meaning: 'the body is the same as that file, byte by byte',
      example: 'Response Body Should Be The File "pictures/ada.png"',
    },
  ),
  defineSentence(
    'Response Body Should Be {value}',
    ({ scenario }, wanted) => {
      const actual = typeof wanted === 'string' ? scenario.last.text : jsonOf(scenario.last)
      assertThat(actual, { subject: 'the body', words: 'should be', wanted }, it => it.toEqual(wanted))
    },
    { meaning: 'the body is this text, or exactly this JSON', example: 'Response Body Should Be {"count": 0}' },
  ),
  defineSentence(
    'Response Body Should Not Be {value}',
    ({ scenario }, other) => {
      const actual = typeof other === 'string' ? scenario.last.text : jsonOf(scenario.last)
      assertThat(actual, { subject: 'the body', words: 'should not be', wanted: other }, it => it.not.toEqual(other))
    },
    { meaning: 'the body is not this text or JSON', example: 'Response Body Should Not Be "error"' },
  ),
  defineSentence(
    'Response Body Should Be Empty',
    ({ scenario }) =>
      assertThat(scenario.last.text, { subject: 'the body', words: 'should be empty' }, it => it.toBe('')),
    { meaning: 'there is no body', example: 'Response Body Should Be Empty' },
  ),
  defineSentence(
    'Response Body Should Not Be Empty',
    ({ scenario }) =>
      assertThat(scenario.last.text, { subject: 'the body', words: 'should not be empty' }, it => it.not.toBe('')),
    { meaning: 'there is a body', example: 'Response Body Should Not Be Empty' },
  ),
  defineSentence(
    'Response Body Should Match {pattern}',
    ({ scenario }, pattern) =>
      assertThat(scenario.last.text, { subject: 'the body', words: 'should match', wanted: pattern }, it =>
        it.toMatch(pattern),
      ),
    {
      meaning: 'a part of the body matches the regular expression',
      example: 'Response Body Should Match "order [0-9]+"',
    },
  ),
  defineSentence(
    'Response Body Should Not Match {pattern}',
    ({ scenario }, pattern) =>
      assertThat(scenario.last.text, { subject: 'the body', words: 'should not match', wanted: pattern }, it =>
        it.not.toMatch(pattern),
      ),
    {
      meaning: 'no part of the body matches the regular expression',
      example: 'Response Body Should Not Match "[Ee]rror"',
    },
  ),
  defineSentence(
    'Response Should Match Schema {value}',
    async ({ scenario }, schema) => matchSchema(scenario.last.response, await schemaOf(scenario.folder, schema)),
    {
      meaning: 'the JSON of the response matches this JSON Schema, or that in a file',
      example: 'Response Should Match Schema "schemas/user.json"',
    },
  ),
  defineSentence('The API Description Is {text}', ({ scenario }, where) => scenario.nameApiDescription(where), {
    meaning: 'names the OpenAPI document, in JSON, for the following sentences: a path or URL, or a file',
    example: 'The API Description Is "openapi.json"',
  }),
  defineSentence(
    'Response Should Match The API Description',
    ({ scenario }) => {
      const { apiDescription } = scenario
      if (apiDescription !== undefined) return matchApi(scenario, apiDescription)
      throw new Error(
        'No API description is named: write The API Description Is "openapi.json" above, or its name here.',
      )
    },
    {
      meaning: 'status, media type and JSON of the response are as the OpenAPI document describes them',
      example: 'Response Should Match The API Description',
    },
  ),
  defineSentence(
    'Response Should Match The API Description {text}',
    ({ scenario }, where) => matchApi(scenario, { where, folder: scenario.folder }),
    {
      meaning: 'the same with the document: a path or URL, or a file',
      example: 'Response Should Match The API Description /openapi.json',
    },
  ),
]

function mediaType({ last }: RunningScenario): string {
  return mediaTypeIn(last.response.headers())
}

function bytesOf({ last }: RunningScenario): Promise<Buffer> {
  return last.response.body()
}

/** Why the body does not have the format; undefined if it has. */
async function faultOf(scenario: RunningScenario, format: Format): Promise<string | undefined> {
  const { text } = scenario.last
  const type = mediaType(scenario)
  switch (format) {
    case 'JSON':
      return jsonFault(text)
    case 'XML':
      return /xml$/.test(type) ? faultOfXml(text) : `the media type is ${type || 'missing'}`
    case 'CSV':
      if (type.endsWith('/csv')) return readCsv(text).then(() => undefined, textOfError)
      return `the media type is ${type || 'missing'}`
    case 'HTML':
      return type === 'text/html' ? undefined : `the media type is ${type || 'missing'}`
    case 'text':
      return isBinary(text) ? 'it has bytes that are no text' : undefined
    case 'binary':
      return isBinary(text) ? undefined : 'all of its bytes are text'
  }
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return textOfError(error)
  }
}

function isBinary(text: string): boolean {
  return text.includes('\0') || text.includes('\uFFFD')
}

function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : textOf(error)
}
