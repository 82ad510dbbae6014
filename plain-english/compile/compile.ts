/** Matches the sentences of a document with their definitions, and checks variables and values, before anything runs. */
import path from 'node:path'
import type { Document, Row, Scenario, Sentence, Token } from '../parse/document.ts'
import { type Mistake, mostFaults } from '../parse/fault.ts'
import { variablesInJson } from '../parse/json/json.ts'
import { printJson } from '../parse/print.ts'
import type { Source } from '../parse/source.ts'
import { textOf, type Variable } from '../parse/template.ts'
import type { CompiledScenario, Step, StepArgument } from './compiled-scenario.ts'
import { Nearest } from './nearest.ts'
import { parameterNamed } from './parameters.ts'
import { variablesOf } from './used-variables.ts'
import { faultOfName } from './variable-names.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Compilation {
  scenarios: CompiledScenario[]
  mistakes: Mistake[]
}

/** @param file Its name is the title of a scenario that has none. */
export function compile(document: Document, source: Source, file: string, vocabulary: Vocabulary): Compilation {
  const compiler = new Compiler(source, vocabulary)
  const name = path.basename(file).replace(/\.txt$/i, '')
  const scenarios = document.scenarios.flatMap(scenario => compiler.scenarios(scenario, name))
  compiler.reportEqualTitles(scenarios)
  return { scenarios, mistakes: compiler.mistakes }
}

class Compiler {
  readonly mistakes: Mistake[] = []
  readonly #source: Source
  readonly #vocabulary: Vocabulary
  #nearest: Nearest | undefined

  constructor(source: Source, vocabulary: Vocabulary) {
    this.#source = source
    this.#vocabulary = vocabulary
  }

  /** One for each row of its table, or one if there is no table. */
  scenarios({ title: own, tags, sentences, table, offset }: Scenario, name: string): CompiledScenario[] {
    const known = new Set(table?.names)
    const steps: Step[] = []
    for (const sentence of sentences) {
      if (this.mistakes.length >= mostFaults) return []
      const step = this.#step(sentence, known)
      if (step) steps.push(step)
    }
    const title = own ?? name
    const scenario = { title, tags: [...new Set(tags)], place: this.#source.placeOf(offset), cells: [], steps }
    if (!table) return [scenario]
    return table.rows.map(row => this.#ofRow(scenario, table.names, row))
  }

  /** Playwright refuses two tests with the same title in a file. */
  reportEqualTitles(scenarios: readonly CompiledScenario[]): void {
    const seen = new Map<string, CompiledScenario>()
    for (const scenario of scenarios) {
      const first = seen.get(scenario.title)
      if (!first) seen.set(scenario.title, scenario)
      else {
        const message = `The scenario in line ${first.place.line} has the same title, ${JSON.stringify(scenario.title)}: choose another one.`
        this.mistakes.push({ offset: this.#offsetOf(scenario), message })
      }
    }
  }

  #ofRow(scenario: CompiledScenario, names: readonly string[], { cells, offset }: Row): CompiledScenario {
    for (const cell of cells) {
      const variables = variablesInJson(cell.value).map(({ name }) => ({ name, offset: cell.offset }))
      this.#refuseSecrets(variables, 'a table: write it where it is used')
      this.#checkVariables(variables, new Set())
    }
    const values = cells.map(({ value }, index) => ({ name: names[index] ?? '', value }))
    const shown = values.map(({ name, value }) => `${name}: ${shortened(plainText(printJson(value)))}`)
    return {
      ...scenario,
      title: `${scenario.title} (${shown.join(', ')})`,
      place: this.#source.placeOf(offset),
      cells: values,
    }
  }

  #step({ tokens, offset, end }: Sentence, known: Set<string>): Step | undefined {
    const matches = this.#vocabulary.match(tokens)
    const [match, other] = matches
    if (!match) {
      this.#nearest ??= new Nearest(this.#vocabulary.definitions)
      this.mistakes.push({ ...this.#nearest.explain(tokens), ...(tokens.length === 0 && { offset }) })
      return undefined
    }
    if (other) {
      const message = `Two sentences match this line: "${match.definition.expression}" and "${other.definition.expression}". Change the line, or one of the sentences.`
      this.mistakes.push({ offset, message })
      return undefined
    }
    const argumentsOf = match.arguments.map(({ parameter, tokens }): StepArgument | undefined => {
      if (parameter !== 'sentence') return { parameter, tokens, inner: undefined }
      const [first, last] = [tokens.at(0), tokens.at(-1)]
      const inner = this.#step({ tokens: [...tokens], offset: first?.offset ?? offset, end: last?.end ?? end }, known)
      return inner && { parameter, tokens, inner }
    })
    this.#checkVariables(tokens.flatMap(variablesOf), known)
    const urls = match.arguments.filter(({ parameter }) => parameter === 'url').flatMap(({ tokens }) => tokens)
    this.#refuseSecrets(
      urls.flatMap(variablesOf),
      'a URL, because logs and reports show it: send it in a header or a body',
    )
    for (const { parameter, tokens } of match.arguments) this.#checkValue(parameter, tokens, known)
    const complete = argumentsOf.filter(argument => argument !== undefined)
    if (complete.length < argumentsOf.length) return undefined
    const text = this.#source.text.slice(offset, end).replace(/\s+/g, ' ').trim()
    return { text, place: this.#source.placeOf(offset), definition: match.definition, arguments: complete }
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

  #checkVariables(variables: readonly Variable[], known: ReadonlySet<string>): void {
    for (const { name, offset } of variables) {
      const message = faultOfName(name, known)
      if (message !== undefined) this.mistakes.push({ offset, message })
    }
  }

  #refuseSecrets(variables: readonly Variable[], where: string): void {
    for (const { name, offset } of variables) {
      if (name.startsWith('secret:')) this.mistakes.push({ offset, message: `A secret is not allowed in ${where}.` })
    }
  }

  #offsetOf({ place: { line, column } }: CompiledScenario): number {
    return this.#source.offsetOf(line) + column - 1
  }
}

const noValues = {
  valueOf(name: string): never {
    throw new Error(`${name} has no value before the scenario runs.`)
  },
}

/** A text without its quotes. */
function plainText(json: string): string {
  return /^"[^"\\]*"$/.test(json) ? json.slice(1, -1) : json
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
