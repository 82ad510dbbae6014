/** What a sentence is, and how it is defined. */
import type {
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
} from '@playwright/test'
import type { Fixtures, WorkerFixtures } from '../../fixtures/index.ts'
import type { ParameterValues } from '../compile/parameters.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import type { RunningScenario } from '../run/running-scenario.ts'

/** What a sentence may ask for, by name, as a test does. */
export interface SentenceFixtures
  extends PlaywrightTestArgs,
    PlaywrightTestOptions,
    PlaywrightWorkerArgs,
    PlaywrightWorkerOptions,
    Fixtures,
    WorkerFixtures {
  /** What the sentences of one scenario share: its variables, its last response, its headers. */
  scenario: RunningScenario
}

/** The values of the parameters in an expression, in their order. */
export type ParametersOf<Expression extends string> = Expression extends `${string}{${infer Name}}${infer Rest}`
  ? [Name extends keyof ParameterValues ? ParameterValues[Name] : never, ...ParametersOf<Rest>]
  : []

/** For the vocabulary that people read. */
export interface SentenceNotes {
  /** What it does or asserts, in one line. */
  meaning?: string
  /** A line as somebody would write it. */
  example?: string
}

/**
 * Defines a sentence. `run` takes fixtures as a test does, and the values of the parameters:
 *
 *     defineSentence('I am signed in as {word}', async ({ request }, who) => { ... })
 *
 * Throws for a `run` whose first parameter does not name its fixtures in braces.
 */
export function defineSentence<const Expression extends string, Asked extends object = SentenceFixtures>(
  expression: Expression,
  run: (fixtures: Asked, ...values: ParametersOf<Expression>) => unknown,
  { meaning = '', example }: SentenceNotes = {},
): SentenceDefinition {
  // The names in the expression are the types of the values: `Vocabulary` sees to that.
  return { expression, meaning, example, fixtures: fixturesOf(expression, run), run: run as SentenceDefinition['run'] }
}

function fixturesOf(expression: string, run: { toString(): string }): string[] {
  const text = run.toString().replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  const [, first = ''] = /^(?:async\b)?\s*(?:function\b)?[^(]*\(\s*([\s\S]*)/.exec(text) ?? []
  if (first.startsWith(')')) return []
  const [, inside] = /^\{([^{}]*)\}/.exec(first) ?? []
  if (inside === undefined || inside.includes('...')) {
    throw new Error(
      `The sentence ${JSON.stringify(expression)}: name its fixtures in braces, each one, as a test does: async ({ request }, who) => ...`,
    )
  }
  const names = inside.split(',').map(name => name.replace(/[:=][\s\S]*$/, '').trim())
  return names.filter(name => name !== '')
}
