/** Finds the tests that a line of a file in English belongs to. */
import { type CompiledScenario, withInner } from '../compile/compiled-scenario.ts'
import { runSettings } from '../compile/special-tags.ts'
import type { Block, Document, Sentence } from '../parse/document.ts'
import { parse } from '../parse/parse.ts'
import { type Place, Source } from '../parse/source.ts'
import { calleeOf } from './callee.ts'

export interface TestsAtLine {
  /** The places of the tests as Playwright knows them; empty if the line belongs to a login that no scenario uses. */
  tests: Place[]
  /** The line where the sentence begins; undefined for a `Scenario:` line, a row of examples, and an `Include`. */
  sentence: number | undefined
}

/**
 * The tests with the sentence, the scenario or the row of examples on a line; undefined if there is none of them.
 * @param scenarios Those of the content, without faults.
 * @param line 1-based.
 */
export function testsAtLine(
  content: Uint8Array | string,
  scenarios: readonly CompiledScenario[],
  line: number,
): TestsAtLine | undefined {
  const source = new Source(content)
  const { document } = parse(source)
  const lineOf = (offset: number) => source.placeOf(offset).line
  const written = blocksOf(document).flatMap(block => block.sentences.map(sentence => ({ block, sentence })))

  const atSentence = ({ block, sentence }: { block: Block; sentence: Sentence }): TestsAtLine => {
    const begin = lineOf(sentence.offset)
    const isThere = ({ file, place }: { file: string | undefined; place: Place }) =>
      file === undefined && place.line === begin
    const using = scenarios.filter(({ steps }) => steps.flatMap(withInner).some(isThere))
    if (using.length > 0) return { tests: using.map(placeOfTest), sentence: begin }
    // An Include has no step of its own.
    return { tests: within(block).map(placeOfTest), sentence: undefined }
  }
  const within = (block: Block): readonly CompiledScenario[] => {
    if (block === document.before) return scenarios
    const index = document.scenarios.findIndex(({ offset }) => offset === block.offset)
    if (index < 0) return []
    const next = document.scenarios[index + 1]
    const [from, to] = [lineOf(block.offset), next ? lineOf(next.offset) : Number.POSITIVE_INFINITY]
    return scenarios.filter(({ place }) => place.line >= from && place.line < to)
  }

  const onLine = written.find(({ sentence: { offset, end } }) => lineOf(offset) <= line && line <= lineOf(end))
  if (onLine) return atSentence(onLine)
  const heads = scenarios.filter(({ place }) => place.line === line)
  if (heads.length > 0) return { tests: heads.map(placeOfTest), sentence: undefined }
  const scenario = document.scenarios.find(({ offset }) => lineOf(offset) === line)
  if (scenario) return { tests: within(scenario).map(placeOfTest), sentence: undefined }
  const withTable = written.find(({ sentence: { table } }) => {
    if (!table) return false
    const lines = [table, ...table.rows].map(({ offset }) => lineOf(offset))
    return lines.includes(line) && !scenarios.some(({ place }) => lines.includes(place.line))
  })
  return withTable && atSentence(withTable)
}

function blocksOf({ before, logins, scenarios }: Document): Block[] {
  return [...(before ? [before] : []), ...logins, ...scenarios]
}

/** V8 takes the place of a call from the name of the function: of `test.skip()`, that of `skip`. */
function placeOfTest({ place: { line, column }, tags }: CompiledScenario): Place {
  return { line, column: column + calleeOf(runSettings(tags)).lastIndexOf('.') + 1 }
}
