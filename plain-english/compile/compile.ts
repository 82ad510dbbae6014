/** Finds out what the sentences of a document mean, and whether they can: the scenarios to run, and every mistake. */
import path from 'node:path'
import type { Document, Row, Scenario, Sentence, Token } from '../parse/document.ts'
import { type Mistake, mostFaults } from '../parse/fault.ts'
import { variablesInJson } from '../parse/json/json.ts'
import { printJson } from '../parse/print.ts'
import type { Source } from '../parse/source.ts'
import { textOf, type Variable } from '../parse/template.ts'
import { faultOfName } from '../run/variables.ts'
import { Nearest } from './nearest.ts'
import { parameterNamed } from './parameters.ts'
import type { Play, Step, StepArgument } from './play.ts'
import { variablesOf } from './used-variables.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Compilation {
  plays: Play[]
  mistakes: Mistake[]
}

/** @param file Its name is the title of a scenario without one. */
export function compile(document: Document, source: Source, file: string, vocabulary: Vocabulary): Compilation {
  const compiler = new Compiler(source, vocabulary)
  const name = path.basename(file).replace(/\.txt$/i, '')
  const plays = document.scenarios.flatMap(scenario => compiler.plays(scenario, name))
  compiler.reportTwins(plays)
  return { plays, mistakes: compiler.mistakes }
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

  /** One for each row of its table; else one. */
  plays({ title: own, tags, sentences, table, offset }: Scenario, name: string): Play[] {
    const known = new Set(table?.names)
    const steps: Step[] = []
    for (const sentence of sentences) {
      if (this.mistakes.length >= mostFaults) return []
      const step = this.#step(sentence, known)
      if (step) steps.push(step)
    }
    const title = own ?? name
    const play = { title, tags: [...new Set(tags)], place: this.#source.placeOf(offset), cells: [], steps }
    if (!table) return [play]
    return table.rows.map(row => this.#playOf(play, table.names, row))
  }

  /** Playwright takes no two tests of one title. */
  reportTwins(plays: readonly Play[]): void {
    const seen = new Map<string, Play>()
    for (const play of plays) {
      const twin = seen.get(play.title)
      if (!twin) seen.set(play.title, play)
      else {
        const message = `The scenario of line ${twin.place.line} has the same title, ${JSON.stringify(play.title)}: give this one another.`
        this.mistakes.push({ offset: this.#offsetOf(play), message })
      }
    }
  }

  #playOf(play: Play, names: readonly string[], { cells, offset }: Row): Play {
    for (const cell of cells) {
      const variables = variablesInJson(cell.value).map(({ name }) => ({ name, offset: cell.offset }))
      this.#refuseSecrets(variables, 'a table: write it where it is used')
      this.#checkVariables(variables, new Set())
    }
    const values = cells.map(({ value }, index) => ({ name: names[index] ?? '', value }))
    const shown = values.map(({ name, value }) => `${name}: ${shortened(plainText(printJson(value)))}`)
    return { ...play, title: `${play.title} (${shown.join(', ')})`, place: this.#source.placeOf(offset), cells: values }
  }

  #step({ tokens, offset, end }: Sentence, known: Set<string>): Step | undefined {
    const matches = this.#vocabulary.match(tokens)
    const [match, other] = matches
    if (!match) {
      this.#nearest ??= new Nearest(this.#vocabulary.sentences)
      this.mistakes.push({ ...this.#nearest.explain(tokens), ...(tokens.length === 0 && { offset }) })
      return undefined
    }
    if (other) {
      const message = `Two sentences fit this line: "${match.sentence.expression}" and "${other.sentence.expression}". Change the line, or one of them.`
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
    this.#refuseSecrets(urls.flatMap(variablesOf), 'a URL, which logs and reports show: send it in a header or a body')
    for (const { parameter, tokens } of match.arguments) this.#learn(parameter, tokens, known)
    const complete = argumentsOf.filter(argument => argument !== undefined)
    if (complete.length < argumentsOf.length) return undefined
    const text = this.#source.text.slice(offset, end).replace(/\s+/g, ' ').trim()
    return { text, place: this.#source.placeOf(offset), sentence: match.sentence, arguments: complete }
  }

  /** What a value must be shows before anything runs, unless it holds variables. */
  #learn(parameter: string, tokens: readonly Token[], known: Set<string>): void {
    const definition = parameterNamed(parameter)
    if (!definition) return
    try {
      if (tokens.flatMap(variablesOf).length > 0) return
      const value = definition.read(tokens, noValues)
      if (definition.defines) known.add(String(value))
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
      if (name.startsWith('secret:')) this.mistakes.push({ offset, message: `A secret cannot stand in ${where}.` })
    }
  }

  #offsetOf({ place: { line, column } }: Play): number {
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
