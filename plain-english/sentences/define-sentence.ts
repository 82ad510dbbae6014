/** Defines sentences, for the built-in vocabulary and for users. */
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

/** The fixtures that a sentence can ask for, by name, as a test does. */
export interface SentenceFixtures
  extends PlaywrightTestArgs,
    PlaywrightTestOptions,
    PlaywrightWorkerArgs,
    PlaywrightWorkerOptions,
    Fixtures,
    WorkerFixtures {
  /** The state that the sentences of a scenario share: variables, headers, last response. */
  scenario: RunningScenario
}

/** The types of the values of an expression's parameters, in order. */
export type ParametersOf<Expression extends string> = Expression extends `${string}{${infer Name}}${infer Rest}`
  ? [Name extends keyof ParameterValues ? ParameterValues[Name] : never, ...ParametersOf<Rest>]
  : []

/** Documentation of a sentence, for the vocabulary. */
export interface SentenceNotes {
  /** What it does or asserts, in one line. */
  meaning?: string
  /** An example of a line. */
  example?: string
}

/**
 * Defines a sentence. `run` takes the fixtures, as a test does, and the values of the parameters:
 *
 *     defineSentence('I am signed in as {word}', async ({ request }, who) => { ... })
 *
 * Throws an error if the first parameter of `run` is not an object pattern that names the fixtures.
 */
export function defineSentence<const Expression extends string, Asked extends object = SentenceFixtures>(
  expression: Expression,
  run: (fixtures: Asked, ...values: ParametersOf<Expression>) => unknown,
  { meaning = '', example }: SentenceNotes = {},
): SentenceDefinition {
  // `Vocabulary` guarantees that the values have the types that the names in the expression mean.
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
