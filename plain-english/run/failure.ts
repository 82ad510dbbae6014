/** Rewrites the error of a sentence for its author: at the line of the sentence, with the request and its response. */
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { TestInfo } from '@playwright/test'
import { conceal } from '../../environment/secrets/secret.ts'
import { firstLineOf } from './assertion.ts'
import { type Exchange, exchangeText } from './exchange.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface FailurePlace {
  location: { file: string; line: number; column: number }
  text: string
  /** Whether the sentence names an element of a page; one of the project's own can look for another. */
  namesElement: boolean
  /** Names of secrets whose values are replaced. */
  secrets: readonly string[]
  info: TestInfo
}

/** The limits of each body, in characters. */
const [inMessage, inAttachment] = [1500, 1_000_000]

/** Returns the same error object, so that Playwright recognizes it. */
export async function failureOf(thrown: unknown, exchange: Exchange | undefined, at: FailurePlace): Promise<unknown> {
  // A skip, for instance, is not a failure of the sentence.
  if (!(thrown instanceof Error) || at.info.status === 'skipped') return thrown
  const { location, text, namesElement, secrets, info } = at
  const hide = (text: string) => conceal(text, secrets, process.env)
  const hideAll = withoutSecrets(secrets, info)
  const shown = exchange ? `\n\n${exchangeText(exchange, inMessage, hideAll)}` : ''
  if (exchange) {
    const body = exchangeText(exchange, inAttachment, hideAll)
    await info.attach('request and response', { body, contentType: 'text/plain' })
  }
  const { stack = '' } = thrown
  thrown.message = hide((namesElement && withRemedy(thrown, text)) || withFirstLine(thrown, text, hideAll)) + shown
  const place = `    at ${location.file}:${location.line}:${location.column}`
  thrown.stack = [`${thrown.name}: ${thrown.message}`, place, ...framesOfProject(stack)].join('\n')
  return thrown
}

/** Where the sentences and the sources of Reprise are. */
const reprise = path.resolve(import.meta.dirname, '../..')

/** The lines of a stack trace that are in a sentence of the project's own, or in what it calls. */
function framesOfProject(stack: string): string[] {
  const frames = stack.split('\n').filter(line => /^ {4}at .*:\d+:\d+\)?$/.test(line))
  return frames.filter(line => !/[\\/]node_modules[\\/]|\bnode:/.test(line) && !line.includes(`${reprise}${path.sep}`))
}

/** Playwright's words for an element whose name fits several. */
const several = /strict mode violation: [\s\S]*? resolved to (\d+) elements/

/** Undefined if the name of an element does not fit several. */
function withRemedy(error: Error, sentence: string): string | undefined {
  const [, count] = several.exec(error.message) ?? []
  if (count === undefined) return undefined
  const remedy =
    'write first, 2nd or last before the name, or name what contains it, as in button "Delete" in row "Ada"'
  return `${sentence}: ${count} elements have this name: ${remedy}.\n${error.message}`
}

/** Puts the claim into the first line or, if there is none, the sentence before it. */
function withFirstLine(error: Error, sentence: string, hide: (text: string) => string): string {
  const line = firstLineOf(error, hide)
  if (line !== undefined) return error.message.replace(/^.*/, () => line)
  return /^expect\(/.test(stripVTControlCharacters(error.message)) ? `${sentence}: ${error.message}` : error.message
}
