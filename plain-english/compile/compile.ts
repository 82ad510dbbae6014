/** Matches the sentences of a document with their definitions, and checks variables and values, before anything runs. */
import path from 'node:path'
import type { Block, Document, Examples, Row, Scenario, Sentence, Table, Tag, Token } from '../parse/document.ts'
import { type Mistake, mostFaults } from '../parse/fault.ts'
import { variablesInJson } from '../parse/json/json.ts'
import type { Source } from '../parse/source.ts'
import { textOf } from '../parse/template.ts'
import type { CompiledScenario, Step, StepArgument } from './compiled-scenario.ts'
import { mistakesInTables, titleOfRow } from './examples.ts'
import { type IncludedFile, IncludedFiles, pathOf } from './included-files.ts'
import { Nearest } from './nearest.ts'
import { parameterNamed } from './parameters.ts'
import { wordsOf } from './read-values.ts'
import { mistakesInTags } from './special-tags.ts'
import { hasSecret, refusedSecrets, unknownVariables } from './usable-variables.ts'
import { variablesInUrl, variablesOf } from './used-variables.ts'
import type { Match, Vocabulary } from './vocabulary.ts'

export interface Compilation {
  scenarios: CompiledScenario[]
  mistakes: Mistake[]
  /** The files that it includes, with their faults. */
  included: IncludedFiles
}

/** The sentence that the sentences of another file take the place of. */
export const includeExpression = 'Include {string}'

interface File {
  /** An absolute path; undefined: the text is in no file, and cannot include others. */
  file: string | undefined
  shown: string
  source: Source
}

/** @param shown Its name is the title of a scenario that has none. */
export function compile(document: Document, file: File, vocabulary: Vocabulary): Compilation {
  const compiler = new Compiler(file, vocabulary, new IncludedFiles(), [])
  const name = path.basename(file.shown).replace(/\.txt$/i, '')
  const scenarios = compiler.document(document, name)
  compiler.reportEqualTitles(scenarios)
  return { scenarios, mistakes: compiler.mistakes, included: compiler.included }
}

/** A login, compiled once: its steps, the variables that they define, and its place. */
interface CompiledLogin {
  steps: readonly Step[]
  defined: readonly string[]
  secrets: readonly string[]
  place: { file: string | undefined; line: number }
}

/** What the sentences above have defined. */
interface Known {
  variables: Set<string>
  logins: Map<string, CompiledLogin>
  /** Variables whose values contain secrets. */
  secrets: Set<string>
}

class Compiler {
  readonly mistakes: Mistake[] = []
  readonly included: IncludedFiles
  readonly #file: File
  readonly #source: Source
  readonly #vocabulary: Vocabulary
  /** The files that include this one, from the outside. */
  readonly #including: readonly string[]
  /** Tables that are below a sentence which does not take them. */
  readonly #examples = new Set<Table>()
  #nearest: Nearest | undefined

  constructor(file: File, vocabulary: Vocabulary, included: IncludedFiles, including: readonly string[]) {
    this.#file = file
    this.#source = file.source
    this.#vocabulary = vocabulary
    this.included = included
    this.#including = including
  }

  /** @param name The title of a scenario that has none. */
  document({ tags, before, logins, scenarios }: Document, name: string): CompiledScenario[] {
    this.mistakes.push(...mistakesInTags(tags, []))
    const known: Known = { variables: new Set(), logins: new Map(), secrets: new Set() }
    this.#logins(logins, known)
    const first = before ? this.#steps(before, known) : []
    return scenarios.flatMap(scenario => this.#scenarios(scenario, { name, tags, first }, known))
  }

  /** The steps of a file that is included, and its logins. */
  #ofIncluded({ before, logins, scenarios }: Document, known: Known): Step[] {
    this.#logins(logins, known)
    return [...(before ? [before] : []), ...scenarios].flatMap(block => this.#steps(block, known))
  }

  #logins(logins: Document['logins'], known: Known): void {
    for (const login of logins) {
      const own = { variables: new Set<string>(), logins: known.logins, secrets: new Set<string>() }
      const steps = this.#steps(login, own)
      const place = { file: this.#file.file, line: this.#source.placeOf(login.offset).line }
      known.logins.set(login.name, { steps, defined: [...own.variables], secrets: [...own.secrets], place })
    }
  }

  #steps(block: Block, known: Known): Step[] {
    const steps: Step[] = []
    for (const sentence of block.sentences) {
      if (this.mistakes.length >= mostFaults) return []
      steps.push(...this.#sentence(sentence, known))
    }
    return steps
  }

  /** One for each row of its tables, or one if there is no table. */
  #scenarios(
    scenario: Scenario,
    { name, tags: ofFile, first }: { name: string; tags: readonly Tag[]; first: readonly Step[] },
    outer: Known,
  ): CompiledScenario[] {
    const { title: own, comments, offset } = scenario
    this.mistakes.push(...mistakesInTags(scenario.tags, ofFile))
    // Of several with a value, the last one counts.
    const tags = [...ofFile, ...scenario.tags].map(({ text }) => text)
    const tables = this.#tablesOf(scenario)
    this.mistakes.push(...mistakesInTables(tables))
    const names = tables[0]?.table.names ?? []
    const known = {
      variables: new Set([...names, ...outer.variables]),
      logins: new Map(outer.logins),
      secrets: new Set(outer.secrets),
    }
    const steps = [...first, ...this.#steps(scenario, known)]
    const title = own ?? name
    const place = this.#source.placeOf(offset)
    const texts = comments.map(({ text }) => text)
    const compiled = { title, tags: [...new Set(tags)], comments: texts, place, cells: [], steps }
    if (tables.length === 0) return [compiled]
    return tables.flatMap(({ name, table }) => table.rows.map(row => this.#ofRow(compiled, name, table.names, row)))
  }

  /** The tables of examples. One below the last sentence is one of them, unless the sentence takes it. */
  #tablesOf({ sentences, tables }: Scenario): Examples[] {
    const last = sentences.at(-1)
    for (const sentence of sentences) {
      if (!sentence.table || this.#takesTable(sentence)) continue
      this.#examples.add(sentence.table)
      for (const { offset } of sentence === last ? [] : sentences.slice(sentences.indexOf(sentence) + 1)) {
        const message = 'A table ends its scenario: write this above the table, or begin another scenario.'
        this.mistakes.push({ offset, message })
      }
      return [{ name: undefined, table: sentence.table }, ...tables]
    }
    return tables
  }

  #takesTable({ tokens, table }: Sentence): boolean {
    return table !== undefined && this.#vocabulary.match([...tokens, tableToken(table)]).length > 0
  }

  /** Playwright refuses two tests with the same title in a file. */
  reportEqualTitles(scenarios: readonly CompiledScenario[]): void {
    const seen = new Map<string, CompiledScenario>()
    for (const scenario of scenarios) {
      const first = seen.get(scenario.title)
      if (!first) seen.set(scenario.title, scenario)
      else {
        const isRow = first.cells.length > 0 && scenario.cells.length > 0
        const remedy = isRow ? 'remove one of them, or add a column that differs' : 'choose another one'
        const message = `The ${isRow ? 'row' : 'scenario'} in line ${first.place.line} has the same title, ${JSON.stringify(scenario.title)}: ${remedy}.`
        this.mistakes.push({ offset: this.#offsetOf(scenario), message })
      }
    }
  }

  #ofRow(
    scenario: CompiledScenario,
    table: string | undefined,
    names: readonly string[],
    { cells, offset }: Row,
  ): CompiledScenario {
    for (const cell of cells) {
      const variables = variablesInJson(cell.value).map(({ name }) => ({ name, offset: cell.offset }))
      this.mistakes.push(
        ...refusedSecrets(variables, new Set(), 'a table: write it where it is used'),
        ...unknownVariables(variables, new Set()),
      )
    }
    const values = cells.map(({ value }, index) => ({ name: names[index] ?? '', value }))
    const place = this.#source.placeOf(offset)
    return { ...scenario, title: titleOfRow(scenario.title, table, values), place, cells: values }
  }

  /** Its step; those of the file that it includes; none if it is faulty. */
  #sentence(sentence: Sentence, known: Known): Step[] {
    const { table, comments } = sentence
    const tokens = table && this.#takesTable(sentence) ? [...sentence.tokens, tableToken(table)] : sentence.tokens
    if (table && tokens === sentence.tokens && !this.#examples.has(table)) {
      const message =
        'No sentence above takes this table: a table of examples is below the last sentence of a scenario.'
      this.mistakes.push({ offset: table.offset, message })
    }
    const step = this.#step({ ...sentence, tokens }, known)
    if (!step) return []
    const file = this.#fileOfSteps
    const above = comments.map(({ text, offset }) => ({ text, place: this.#source.placeOf(offset), file }))
    const isInclude = step.definition.expression === includeExpression
    const [first, ...others] = isInclude ? this.#include(sentence, known) : [step]
    return first ? [{ ...first, comments: [...above, ...first.comments] }, ...others] : []
  }

  /** Undefined: that of the scenario. */
  get #fileOfSteps(): string | undefined {
    return this.#including.length > 0 ? this.#file.file : undefined
  }

  #step({ tokens, offset, end }: Pick<Sentence, 'tokens' | 'offset' | 'end'>, known: Known): Step | undefined {
    const match = this.#match(tokens, offset)
    if (!match) return undefined
    const argumentsOf = match.arguments.map(argument => this.#argument(argument, { offset, end }, known))
    this.mistakes.push(
      ...unknownVariables(tokens.flatMap(variablesOf), known.variables),
      ...refusedSecrets(
        variablesInUrl(match.definition.expression, match.arguments),
        known.secrets,
        'a URL, because logs and reports show it: send it in a header or a body',
      ),
    )
    const isSecret = tokens.flatMap(variablesOf).some(({ name }) => hasSecret(name, known.secrets))
    for (const { parameter, tokens } of match.arguments) {
      this.#checkValue(parameter, tokens, known.variables)
      if (!parameterNamed(parameter)?.defines) continue
      if (isSecret) known.secrets.add(wordsOf(tokens))
      else known.secrets.delete(wordsOf(tokens))
    }
    const complete = argumentsOf.filter(argument => argument !== undefined)
    if (complete.length < argumentsOf.length) return undefined
    const text = this.#source.text.slice(offset, end).replace(/\s+/g, ' ').trim()
    const place = this.#source.placeOf(offset)
    return { text, place, file: this.#fileOfSteps, comments: [], definition: match.definition, arguments: complete }
  }

  #match(tokens: readonly Token[], offset: number): Match | undefined {
    const [match, other] = this.#vocabulary.match(tokens)
    if (!match) {
      this.#nearest ??= new Nearest(this.#vocabulary.definitions)
      this.mistakes.push({ ...this.#nearest.explain(tokens), ...(tokens.length === 0 && { offset }) })
      return undefined
    }
    if (!other) return match
    const message = `Two sentences match this line: "${match.definition.expression}" and "${other.definition.expression}". Change the line, or one of the sentences.`
    this.mistakes.push({ offset, message })
    return undefined
  }

  #argument(
    { parameter, tokens }: Match['arguments'][number],
    { offset, end }: { offset: number; end: number },
    known: Known,
  ): StepArgument | undefined {
    if (parameter === 'login') {
      const login = this.#login(tokens, known)
      return login && { parameter, tokens, inner: undefined, steps: login.steps, definedAt: login.place }
    }
    if (parameter !== 'sentence') return { parameter, tokens, inner: undefined, steps: undefined }
    const [first, last] = [tokens.at(0), tokens.at(-1)]
    const inner = this.#step({ tokens: [...tokens], offset: first?.offset ?? offset, end: last?.end ?? end }, known)
    if (inner?.definition.expression !== includeExpression)
      return inner && { parameter, tokens, inner, steps: undefined }
    this.mistakes.push({ offset: first?.offset ?? offset, message: 'Include is a line of its own.' })
    return undefined
  }

  #login(tokens: readonly Token[], known: Known): CompiledLogin | undefined {
    const name = this.#constant(tokens)
    const login = known.logins.get(name)
    if (login) {
      for (const variable of login.defined) known.variables.add(variable)
      for (const variable of login.secrets) known.secrets.add(variable)
      return login
    }
    const names = [...known.logins.keys()].filter(one => one !== '').join(', ') || 'none'
    const message = `There is no login ${JSON.stringify(name)}: write its sentences below a line Login: ${name || 'admin'}; logins so far: ${names}.`
    this.mistakes.push({ offset: tokens[0]?.offset ?? 0, message })
    return undefined
  }

  #include({ tokens }: Sentence, known: Known): Step[] {
    const [, nameToken] = tokens
    const offset = nameToken?.offset ?? 0
    const name = this.#constant(nameToken ? [nameToken] : [])
    const { file, shown } = this.#file
    if (file === undefined) {
      this.mistakes.push({ offset, message: 'This text is in no file, so that it cannot include another one.' })
      return []
    }
    const including = [...this.#including, file]
    if (including.includes(pathOf(name, { file }))) {
      this.mistakes.push({ offset, message: `${name} includes this file, and would do so without an end.` })
      return []
    }
    let included: IncludedFile
    try {
      included = this.included.read(name, { file, shown })
    } catch {
      const message = `The file ${JSON.stringify(name)} cannot be read: write its path relative to this file.`
      this.mistakes.push({ offset, message })
      return []
    }
    const scenario = included.document.scenarios.find(({ title, tables }) => title !== undefined || tables.length > 0)
    if (scenario) {
      const message = `${name} has a scenario: only a file with sentences and logins alone can be included.`
      this.mistakes.push({ offset, message })
      return []
    }
    const { scenarios } = included.document
    for (const { text, offset } of [...included.document.tags, ...scenarios.flatMap(({ tags }) => tags)]) {
      const message = `${text} has no effect in a file that another one includes: write it in that file, above a scenario.`
      this.included.report(included, { offset, message })
    }
    const compiler = new Compiler(included, this.#vocabulary, this.included, including)
    const steps = compiler.#ofIncluded(included.document, known)
    for (const mistake of compiler.mistakes) this.included.report(included, mistake)
    return steps
  }

  /** A text in quotes without variables; with one, it is a fault. */
  #constant([token]: readonly Token[]): string {
    if (token?.kind !== 'text') return ''
    const { template } = token
    if (template.length <= 1 && typeof template[0] !== 'object') return template[0] ?? ''
    this.mistakes.push({ offset: token.offset, message: 'A variable has no value yet here: write the name itself.' })
    return ''
  }

  /** Checks a value that has no variables, and adds the variable that the parameter defines to `known`. */
  #checkValue(parameter: string, tokens: readonly Token[], known: Set<string>): void {
    const type = parameterNamed(parameter)
    if (!type) return
    try {
      if (tokens.flatMap(variablesOf).length > 0) return
      const value = type.read(tokens, noValues)
      if (type.defines) known.add(String(value))
    } catch (error) {
      this.mistakes.push({
        offset: tokens[0]?.offset ?? 0,
        message: error instanceof Error ? error.message : textOf(error),
      })
    }
  }

  #offsetOf({ place: { line, column } }: CompiledScenario): number {
    return this.#source.offsetOf(line) + column - 1
  }
}

function tableToken(table: Table): Token {
  return { kind: 'table', table, offset: table.offset, end: table.offset }
}

const noValues = {
  valueOf(name: string): never {
    throw new Error(`${name} has no value before the scenario runs.`)
  },
}
