/** Makes the scenarios of a file Playwright tests that stand at their own lines. */
import vm from 'node:vm'
import type { TestType } from '@playwright/test'
import { type Play, withInner } from '../compile/play.ts'
import { readSpec } from '../compile/read-spec.ts'
import type { Sentence } from '../compile/sentence.ts'
import { namesIn, secretsIn } from '../compile/used-variables.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { type Fault, faultMessage } from '../parse/fault.ts'
import { type Given, type Run, runPlay } from '../run/run-play.ts'
import { builtInSentences } from '../sentences/built-in.ts'

export interface Registration {
  /** Absolute. */
  file: string
  /** As in `plainEnglish()`. */
  origins: readonly string[]
  allow: readonly string[]
  /** Beside those that are built in. */
  sentences: readonly Sentence[]
}

// biome-ignore lint/suspicious/noExplicitAny: whatever fixtures a user's test has
type AnyTest = TestType<any, any>

/** Called while Playwright loads a spec file. Throws an error for all faults of the file, each at its place. */
export function registerFile(test: AnyTest, { file, origins, allow, sentences }: Registration): void {
  const { plays, faults } = readSpec(file, file, new Vocabulary([...builtInSentences, ...sentences]))
  if (faults.length > 0) throw new AggregateError(faults.map(errorOf), `${file} cannot be run.`)
  const secrets = secretsIn(plays)
  // A trace holds whatever was sent.
  if (secrets.length > 0) test.use({ trace: 'off' })
  const run: Run = { file, secrets, hosts: { origins, allow } }
  const play = (index: number, fixtures: Given) => {
    const chosen = plays[index]
    return chosen && runPlay(chosen, run, fixtures, test.info())
  }
  // Playwright takes the place of a test from the code that calls it, and its fixtures from the text of its function.
  vm.compileFunction(codeOf(plays), ['test', 'plays', 'play'], { filename: file })(test, plays, play)
}

/** Code that registers each scenario from the line, and the column, at which it stands. */
function codeOf(plays: readonly Play[]): string {
  const lines: string[] = []
  for (const [index, play] of plays.entries()) {
    const { line, column } = play.place
    while (lines.length < line - 1) lines.push('')
    const fixtures = `{ ${fixturesOf(play).join(', ')} }`
    const { title, tag } = { title: `plays[${index}].title`, tag: `plays[${index}].tags` }
    lines.push(
      `${' '.repeat(column - 1)}test(${title}, { tag: ${tag} }, async (${fixtures}) => play(${index}, ${fixtures}))`,
    )
  }
  return lines.join('\n')
}

function fixturesOf(play: Play): string[] {
  const asked = play.steps.flatMap(withInner).flatMap(({ sentence }) => sentence.fixtures)
  const isUnique = namesIn(play).some(name => name.startsWith('unique.'))
  const names = new Set(['baseURL', ...asked, ...(isUnique ? ['unique'] : [])])
  names.delete('scenario')
  return [...names]
}

function errorOf(fault: Fault): Error {
  const error = new Error(faultMessage(fault))
  error.stack = `${error.message}\n    at ${fault.file}:${fault.line}:${fault.column}`
  return error
}
