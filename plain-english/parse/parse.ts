/** Parses a file into scenarios, tags, sentences and tables. Continues after a fault, so that all of them are reported. */
import type { Block, Comment, Document, Login, Row, Scenario, Sentence, Table, Tag, Token } from './document.ts'
import { type Mistake, mostFaults } from './fault.ts'
import { ParseError } from './parse-error.ts'
import { type Cell, cellsOf, cellValue } from './read-table.ts'
import { readTokens } from './read-tokens.ts'
import { recoveryPoint } from './recovery-point.ts'
import type { Source } from './source.ts'
import { blockLine, readTextBlock } from './text-block.ts'

export function parse(source: Source): { document: Document; mistakes: Mistake[] } {
  const parser = new Parser(source)
  parser.read()
  const { tags, before, logins, scenarios, mistakes } = parser
  return { document: { tags, before, logins, scenarios }, mistakes }
}

const scenarioLine = /^scenario(?: outline)?\s*:\s*/i
const beforeLine = /^(?:before each scenario|background)\s*:$/i
const loginLine = /^login\s*:\s*/i
const tagLine = /^tags?(?:[^\S\n]+each[^\S\n]+scenario)?\s*:\s*/i
const eachTagLine = /^tags?[^\S\n]+each/i
const examplesLine = /^examples\s*(?:$|:\s*)/i
const includeLine = /^include\s+["“”„‟'‘’‛]/i
const prefix = /^(?:given|when|then|and|but)[^\S\n]+/i

class Parser {
  /** Those of each scenario. */
  tags: Tag[] = []
  before: Block | undefined
  /** Whether its line was read; a file above all blocks is included there as well. */
  #hasBefore = false
  readonly logins: Login[] = []
  readonly scenarios: Scenario[] = []
  readonly mistakes: Mistake[] = []
  readonly #source: Source
  /** Tags that were read and not yet assigned to a scenario. */
  #waiting: Tag[] = []
  /** Comments that a sentence or a scenario may follow on the next line. */
  #comments: Comment[] = []
  #current: Block | undefined
  /** Blocks with at least one sentence, valid or not. */
  readonly #filled = new Set<Block>()
  readonly #tables: Table[] = []
  /** Tables with at least one row, valid or not. */
  readonly #withRows = new Set<Table>()
  /** The table whose row is the line above. */
  #table: Table | undefined
  /** The line `Examples:` above, whose table follows. */
  #examples: { name: string | undefined; offset: number } | undefined
  /** The sentence that JSON or a text block on the next line belongs to. */
  #open: Sentence | undefined
  /** The sentence that a table on the next line belongs to. */
  #above: Sentence | undefined

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

  /** Returns where it ends, which is on a later line if JSON or a text spans several. */
  #readLine(line: string, start: number): number {
    const end = start + line.length
    if (line.startsWith('#')) {
      const text = line.replace(/^#+\s*/, '')
      if (text !== '') this.#comments.push({ text, offset: start })
      return end
    }
    if (line === '') {
      this.#comments = []
      this.#above = undefined
      return end
    }
    if (line.startsWith('|')) {
      this.#readRow(line, start)
      this.#comments = []
      return end
    }
    this.#table = undefined
    if (scenarioLine.test(line)) this.#begin(line.replace(scenarioLine, ''), start)
    else if (tagLine.test(line)) this.#readTags(line, start)
    else if (beforeLine.test(line)) this.#beginBefore(start)
    else if (loginLine.test(line)) this.#beginLogin(line.replace(loginLine, ''), start)
    else if (examplesLine.test(line)) {
      this.#endExamples()
      this.#examples = { name: line.replace(examplesLine, '') || undefined, offset: start }
    } else return this.#readSentence(line, start)
    this.#open = undefined
    this.#above = undefined
    if (!tagLine.test(line)) this.#comments = []
    return end
  }

  #begin(title: string, offset: number): void {
    if (title === '') this.#report(offset, 'This scenario has no title: write one after the colon.')
    this.#beginScenario({ title, tags: this.#waiting, comments: this.#comments, offset })
    this.#waiting = []
  }

  #beginScenario(given: Omit<Scenario, 'sentences' | 'tables'>): Scenario {
    const scenario = { ...given, sentences: [], tables: [] }
    this.#current = scenario
    this.#endExamples()
    this.scenarios.push(scenario)
    return scenario
  }

  #beginBefore(offset: number): void {
    if (this.scenarios.length > 0) this.#report(offset, 'Write Before Each Scenario: above the first scenario.')
    else if (this.#hasBefore)
      this.#report(offset, 'Another block Before Each Scenario: is above; put all sentences there.')
    this.#hasBefore = true
    this.#current = this.before ?? { sentences: [], offset }
    if (this.scenarios.length === 0) this.before = this.#current
  }

  #beginLogin(name: string, offset: number): void {
    if (name === '') this.#report(offset, 'This login has no name: write one after the colon, such as Login: admin.')
    const login = { name, sentences: [], offset }
    this.#current = login
    if (!this.logins.some(other => other.name === name)) this.logins.push(login)
    else this.#report(offset, `There is another login ${name}: choose another name.`)
  }

  #readTags(line: string, start: number): void {
    const before = tagLine.exec(line)?.[0].length ?? 0
    const tags: Tag[] = []
    for (const { 0: text, index } of line.slice(before).matchAll(/[^\s,;]+/g)) {
      const offset = start + before + index
      if (/^@[^@]+$/.test(text)) tags.push({ text, offset })
      else this.#report(offset, `A tag begins with @: write @${text.replaceAll('@', '')}.`)
    }
    if (tags.length === 0 && line.length === before) this.#report(start, 'No tag is given: write one, such as @smoke.')
    if (eachTagLine.test(line)) {
      if (this.scenarios.length > 0) this.#report(start, 'Write Tag Each Scenario: above the first scenario.')
      this.tags = this.tags.concat(tags)
      return
    }
    // They belong to the next scenario if a `Scenario:` line follows, else to the current one.
    this.#waiting = this.#waiting.concat(tags)
  }

  #readSentence(line: string, start: number): number {
    const block = this.#blockAt(line, start)
    const isBlock = blockLine.test(line)
    const isMore = isBlock || /^[{[]/.test(line)
    if (block) this.#filled.add(block)
    if (isMore && !this.#open) {
      this.#report(
        start,
        isBlock
          ? 'This text belongs to no sentence: write it below the sentence that takes it.'
          : 'This JSON belongs to no sentence: write it after the sentence that takes it, or on the line below.',
      )
    }
    const before = isMore ? 0 : (prefix.exec(line)?.[0].length ?? 0)
    const comments = this.#comments
    this.#comments = []
    try {
      const { tokens, end } = isBlock ? this.#block(start) : readTokens(this.#source.text, start + before)
      if (isMore && this.#open) {
        this.#open.tokens = this.#open.tokens.concat(tokens)
        this.#open.end = tokens.at(-1)?.end ?? end
        this.#above = this.#open
        this.#open = undefined
      } else if (!isMore && block) {
        const place = { offset: start + before, end: tokens.at(-1)?.end ?? end }
        this.#open = { tokens, comments, table: undefined, ...place }
        this.#above = this.#open
        block.sentences.push(this.#open)
      }
      return end
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.mistakes.push({ offset: error.offset, message: error.message })
      this.#open = undefined
      return recoveryPoint(this.#source, start, error.offset)
    }
  }

  #block(start: number): { tokens: Token[]; end: number } {
    const { template, end } = readTextBlock(this.#source, start)
    return { tokens: [{ kind: 'text', template, offset: start, end }], end }
  }

  #readRow(line: string, start: number): void {
    this.#open = undefined
    const cells = cellsOf(line, start)
    if (this.#table) {
      this.#withRows.add(this.#table)
      const row = this.#rowOf(this.#table.names, cells, start)
      if (row) this.#table.rows.push(row)
      return
    }
    const table = { names: this.#namesOf(cells), rows: [], offset: start }
    this.#table = table
    this.#tables.push(table)
    if (this.#above && !this.#examples) this.#above.table = table
    else this.#scenarioAt(start)?.tables.push({ name: this.#examples?.name, table })
    this.#examples = undefined
    this.#above = undefined
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

  /** The block that a sentence belongs to. */
  #blockAt(line: string, offset: number): Block | undefined {
    const isScenario = this.#current === undefined || this.#current === this.scenarios.at(-1)
    if (!this.#current && includeLine.test(line)) {
      this.before ??= { sentences: [], offset }
      return this.before
    }
    if (!isScenario) return this.#current
    const scenario = this.#scenarioAt(offset)
    if (scenario && scenario.tables.length > 0) {
      this.#report(offset, 'A table ends its scenario: write this above the table, or begin another scenario.')
      return undefined
    }
    return scenario
  }

  /** The scenario that a line belongs to. Without a `Scenario:` line it has no title. */
  #scenarioAt(offset: number): Scenario | undefined {
    const open = this.scenarios.at(-1)
    if (this.#current && this.#current !== open) {
      this.#report(offset, 'A table of examples belongs to a scenario: write it below one.')
      return undefined
    }
    const scenario = open ?? this.#beginScenario({ title: undefined, tags: [], comments: [], offset })
    scenario.tags = scenario.tags.concat(this.#waiting)
    this.#waiting = []
    return scenario
  }

  /** Refuses a line `Examples:` that no table has followed. */
  #endExamples(): void {
    if (this.#examples) this.#report(this.#examples.offset, 'This line has no table: write one below it.')
    this.#examples = undefined
  }

  #end(): void {
    this.#endExamples()
    const last = this.scenarios.at(-1)
    if (last) last.tags = last.tags.concat(this.#waiting)
    else if (this.#filled.size > 0) {
      for (const { text, offset } of this.#waiting) this.#report(offset, `${text} has no scenario: write one below it.`)
    }
    const blocks = [...(this.before ? [this.before] : []), ...this.logins]
    if (this.scenarios.length === 0 && blocks.length === 0 && this.mistakes.length === 0) {
      this.#report(this.#waiting[0]?.offset ?? 0, 'This file has no sentence: write one, such as GET /health.')
    }
    for (const block of blocks) {
      if (!this.#filled.has(block)) this.#report(block.offset, 'This block has no sentence: write one below it.')
    }
    for (const scenario of this.scenarios) {
      if (!this.#filled.has(scenario)) {
        this.#report(scenario.offset, 'This scenario has no sentence: write one, such as GET /health.')
      }
    }
    for (const table of this.#tables) {
      if (!this.#withRows.has(table)) {
        this.#report(table.offset, 'This table has no row: write one below the column names.')
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
