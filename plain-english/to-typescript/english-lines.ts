/** Writes a scenario as lines in English that `say` runs: with its logins, the tables of its sentences, and its row. */
import { readFileSync } from 'node:fs'
import type { CompiledScenario, Step, StepArgument } from '../compile/compiled-scenario.ts'
import type { Sentence } from '../parse/document.ts'
import { parse } from '../parse/parse.ts'
import { printSentence, printTable } from '../parse/print.ts'
import { Source } from '../parse/source.ts'

export class EnglishLines {
  /** By line and column, for each file; that of the scenarios has an empty name. */
  readonly #sentences = new Map<string, ReadonlyMap<string, Sentence>>()

  /** @param content The file that the scenarios are from. Files that it includes are read from disk. */
  constructor(content: Uint8Array | string) {
    this.#sentences.set('', sentencesIn(content))
  }

  /** Throws if two logins that the scenario uses have the same name, as those of included files can. */
  linesOf({ title, steps, cells }: CompiledScenario): string[] {
    const logins = new Map<string, { steps: readonly Step[]; lines: string[] }>()
    const write = (steps: readonly Step[]): string[] =>
      steps.flatMap(step => {
        for (const argument of argumentsOf(step)) {
          if (!argument.steps) continue
          const name = nameOf(argument)
          const known = logins.get(name)
          if (known && known.steps !== argument.steps) {
            throw new Error(
              `The scenario ${JSON.stringify(title)} uses two logins with the name ${name}: choose another name for one of them.`,
            )
          }
          if (!known) logins.set(name, { steps: argument.steps, lines: write(argument.steps) })
        }
        return this.#linesOfStep(step)
      })
    const own = write(steps)
    const names = cells.map(({ name }) => name)
    const row = { cells: cells.map(({ value }) => ({ value, offset: 0 })), offset: 0 }
    return [
      ...[...logins].flatMap(([name, { lines }]) => [`Login: ${name}`, ...lines]),
      ...(logins.size > 0 ? [`Scenario: ${title}`] : []),
      ...own,
      ...(cells.length > 0 ? ['Examples:', ...printTable({ names, rows: [row], offset: 0 })] : []),
    ]
  }

  #linesOfStep(step: Step): string[] {
    const sentence = this.#sentencesOf(step.file).get(`${step.place.line}:${step.place.column}`)
    if (!sentence) throw new RangeError(`There is no sentence ${step.text} in its file.`)
    // A table of examples below the last sentence is not a part of it.
    const takesTable = argumentsOf(step).some(({ tokens }) => tokens.some(({ kind }) => kind === 'table'))
    const comments = step.comments.map(({ text }) => ({ text, offset: 0 }))
    return printSentence({ ...sentence, comments, table: takesTable ? sentence.table : undefined })
  }

  #sentencesOf(file = ''): ReadonlyMap<string, Sentence> {
    const sentences = this.#sentences.get(file) ?? sentencesIn(readFileSync(file))
    this.#sentences.set(file, sentences)
    return sentences
  }
}

/** Those of its inner sentences too. */
function argumentsOf(step: Step): StepArgument[] {
  return step.arguments.flatMap(argument => [argument, ...(argument.inner ? argumentsOf(argument.inner) : [])])
}

function nameOf({ tokens: [token] }: StepArgument): string {
  const [name] = token?.kind === 'text' ? token.template : []
  return typeof name === 'string' ? name : ''
}

function sentencesIn(content: Uint8Array | string): ReadonlyMap<string, Sentence> {
  const source = new Source(content)
  const { before, logins, scenarios } = parse(source).document
  const blocks = [...(before ? [before] : []), ...logins, ...scenarios]
  return new Map(
    blocks
      .flatMap(({ sentences }) => sentences)
      .map(sentence => {
        const { line, column } = source.placeOf(sentence.offset)
        return [`${line}:${column}`, sentence]
      }),
  )
}
