/** Makes of what a sentence has thrown what its writer reads: at the line of the sentence, with the request and its response. */
import type { TestInfo } from '@playwright/test'
import { conceal } from '../../target/secret.ts'
import { type Exchange, exchangeText } from './exchange.ts'

export interface FailurePlace {
  location: { file: string; line: number; column: number }
  text: string
  /** Names of secrets, whose values must not be shown. */
  secrets: readonly string[]
  info: TestInfo
}

/** Of each body, in a message and in the attachment. */
const [inMessage, inAttachment] = [1500, 1_000_000]

/** The same error, so that Playwright knows it again. */
export async function failureOf(thrown: unknown, exchange: Exchange | undefined, at: FailurePlace): Promise<unknown> {
  // Not an error of the sentence: a skip, for instance, ends the test in its own way.
  if (!(thrown instanceof Error) || at.info.status === 'skipped') return thrown
  const { location, secrets, info } = at
  const hide = (text: string) => conceal(text, secrets, process.env)
  const shown = exchange ? `\n\n${hide(exchangeText(exchange, inMessage))}` : ''
  if (exchange) {
    const body = hide(exchangeText(exchange, inAttachment))
    await info.attach('request and response', { body, contentType: 'text/plain' })
  }
  thrown.message = hide(thrown.message) + shown
  thrown.stack = `${thrown.name}: ${thrown.message}\n    at ${location.file}:${location.line}:${location.column}`
  return thrown
}
