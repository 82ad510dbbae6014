/** Parses a file into scenarios, tags, sentences and tables. Continues after a fault, so that all of them are reported. */
import type { Document, Row, Scenario, Sentence, Table } from './document.ts'
import { type Mistake, mostFaults } from './fault.ts'
import { ParseError } from './parse-error.ts'
import { type Cell, cellsOf, cellValue } from './read-table.ts'
import { readTokens } from './read-tokens.ts'
import { recoveryPoint } from './recovery-point.ts'
import type { Source } from './source.ts'

export function parse(source: Source): { document: Document; mistakes: Mistake[] } {
  const parser = new Parser(source)
  parser.read()
  return { document: { scenarios: parser.scenarios }, mistakes: parser.mistakes }
}

const scenarioLine = /^scenario(?: outline)?\s*:\s*/i
const tagLine = /^tags?\s*:\s*/i
const examplesLine = /^examples\s*:?\s*$/i
const prefix = /^(?:given|when|then|and|but)[^\S\n]+/i

class Parser {
  readonly scenarios: Scenario[] = []
  readonly mistakes: Mistake[] = []
  readonly #source: Source
  /** Tags that were read and not yet assigned to a scenario. */
  #waiting: { tags: string[]; offset: number } = { tags: [], offset: 0 }
  #current: Scenario | undefined
  /** Scenarios with at least one sentence and tables with at least one row, valid or not. */
  readonly #filled = new Set<Scenario | Table>()
  /** Whether the line above is a row of the current table. */
  #isInTable = false
  /** The sentence that JSON on the next line belongs to. */
  #open: Sentence | undefined

  constructor(source: Source) {
    this.#source = source
  }

  read(): void {
    const { text, broken } = this.#source
    if (broken !== undefined) {
      this.#report(broken, 'This text cannot be decoded from here on: save the file with the encoding UTF-8.')
      return
    }
    for (let at = 0; at <= text.length && this.mistakes.length < mostFaults; ) {
      const end = this.#source.endOfLine(at)
      const line = text.slice(at, end)
      const start = at + line.length - line.trimStart().length
      at = Math.max(end, this.#readLine(line.trim(), start)) + 1
    }
    this.#end()
  }

  /** Returns where it ends, which is on a later line if JSON spans several. */
  #readLine(line: string, start: number): number {
    const end = start + line.length
    if (line === '' || line.startsWith('#')) return end
    if (line.startsWith('|')) {
      this.#readRow(line, start)
      return end
    }
    this.#isInTable = false
    if (scenarioLine.test(line)) this.#begin(line.replace(scenarioLine, ''), start)
    else if (tagLine.test(line)) this.#readTags(line, start)
    else if (!examplesLine.test(line)) return this.#readSentence(line, start)
    this.#open = undefined
    return end
  }

  #begin(title: string, offset: number): void {
    if (title === '') this.#report(offset, 'This scenario has no title: write one after the colon.')
    this.#current = { title, tags: this.#waiting.tags, sentences: [], table: undefined, offset }
    this.#waiting = { tags: [], offset: 0 }
    this.scenarios.push(this.#current)
  }

  #readTags(line: string, start: number): void {
    const before = tagLine.exec(line)?.[0].length ?? 0
    const tags: string[] = []
    for (const { 0: tag, index } of line.slice(before).matchAll(/[^\s,;]+/g)) {
      if (/^@[^@]+$/.test(tag)) tags.push(tag)
      else this.#report(start + before + index, `A tag begins with @: write @${tag.replaceAll('@', '')}.`)
    }
    if (tags.length === 0 && line.length === before) this.#report(start, 'No tag is given: write one, such as @smoke.')
    // They belong to the next scenario if a `Scenario:` line follows, else to the current one.
    if (this.#waiting.tags.length === 0) this.#waiting.offset = start
    this.#waiting.tags = this.#waiting.tags.concat(tags)
  }

  #readSentence(line: string, start: number): number {
    const scenario = this.#scenarioAt(start)
    const isMore = /^[{[]/.test(line)
    if (scenario) this.#filled.add(scenario)
    if (isMore && !this.#open) {
      this.#report(
        start,
        'This JSON belongs to no sentence: write it after the sentence that takes it, or on the line below.',
      )
    }
    const before = isMore ? 0 : (prefix.exec(line)?.[0].length ?? 0)
    try {
      const { tokens, end } = readTokens(this.#source.text, start + before)
      if (isMore && this.#open) {
        this.#open.tokens = this.#open.tokens.concat(tokens)
        this.#open.end = tokens.at(-1)?.end ?? end
        this.#open = undefined
      } else if (!isMore && scenario) {
        this.#open = { tokens, offset: start + before, end: tokens.at(-1)?.end ?? end }
        scenario.sentences.push(this.#open)
      }
      return end
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.mistakes.push({ offset: error.offset, message: error.message })
      this.#open = undefined
      return recoveryPoint(this.#source, start, error.offset)
    }
  }

  #readRow(line: string, start: number): void {
    this.#open = undefined
    const scenario = this.#scenarioAt(start)
    if (!scenario) return
    const cells = cellsOf(line, start)
    const { table } = scenario
    if (!table) {
      scenario.table = { names: this.#namesOf(cells), rows: [], offset: start }
    } else if (!this.#isInTable) {
      this.#report(start, 'A scenario can have only one table: put all rows into one, or begin another scenario.')
    } else {
      this.#filled.add(table)
      const row = this.#rowOf(table.names, cells, start)
      if (row) table.rows.push(row)
    }
    this.#isInTable = true
  }

  #namesOf(cells: readonly Cell[]): string[] {
    cells.forEach(({ text, offset }, index) => {
      if (!/^[A-Za-z_]\w*$/.test(text)) {
        this.#report(
          offset,
          `The first row contains variable names, and ${JSON.stringify(text)} is not one: use letters, digits and _.`,
        )
      } else if (cells.findIndex(cell => cell.text === text) < index) {
        this.#report(offset, `Two columns have the same name, ${text}.`)
      }
    })
    return cells.map(({ text }) => text)
  }

  #rowOf(names: readonly string[], cells: readonly Cell[], offset: number): Row | undefined {
    if (cells.length === names.length)
      return { cells: cells.map(cell => ({ value: cellValue(cell), offset: cell.offset })), offset }
    const missing = names.slice(cells.length)
    const fault =
      missing.length > 0
        ? `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`
        : 'there are too many'
    this.#report(
      offset,
      `This row has ${count(cells.length, 'cell')}, the table ${count(names.length, 'column')}: ${fault}.`,
    )
    return undefined
  }

  /** The scenario that a line belongs to. Without a `Scenario:` line it has no title. */
  #scenarioAt(offset: number): Scenario | undefined {
    if (!this.#current) {
      this.#current = { title: undefined, tags: [], sentences: [], table: undefined, offset }
      this.scenarios.push(this.#current)
    }
    this.#current.tags = this.#current.tags.concat(this.#waiting.tags)
    this.#waiting = { tags: [], offset: 0 }
    if (this.#current.table && !this.#isInTable && this.#source.text[offset] !== '|') {
      this.#report(offset, 'A table ends its scenario: write this above the table, or begin another scenario.')
      return undefined
    }
    return this.#current
  }

  #end(): void {
    const { tags, offset } = this.#waiting
    if (this.#current) this.#current.tags = this.#current.tags.concat(tags)
    if (this.scenarios.length === 0 && this.mistakes.length === 0) {
      this.#report(offset, 'This file has no sentence: write one, such as GET /health.')
    }
    for (const scenario of this.scenarios) {
      if (!this.#filled.has(scenario)) {
        this.#report(scenario.offset, 'This scenario has no sentence: write one, such as GET /health.')
      }
      if (scenario.table && !this.#filled.has(scenario.table)) {
        this.#report(scenario.table.offset, 'This table has no row: write one below the column names.')
      }
    }
  }

  #report(offset: number, message: string): void {
    this.mistakes.push({ offset, message })
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
