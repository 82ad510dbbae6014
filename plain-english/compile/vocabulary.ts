/** The definitions of all sentences, and the match of a line with them. */
import { CucumberExpression, type Node, NodeType } from '@cucumber/cucumber-expressions'
import type { Token } from '../parse/document.ts'
import { jsonMark, parameterNamed, SentenceParameters, tableMark, textMark } from './parameters.ts'
import type { SentenceDefinition } from './sentence-definition.ts'

/** A definition that matches a line, with the tokens of each parameter. */
export interface Match {
  definition: SentenceDefinition
  arguments: { parameter: string; tokens: readonly Token[] }[]
}

interface Entry {
  definition: SentenceDefinition
  regexp: RegExp
  /** The same with the indices of the groups, which is slower. */
  located: RegExp
  parameters: readonly string[]
}

/** The limit of an outline, in characters. */
const longest = 2000

export class Vocabulary {
  readonly definitions: readonly SentenceDefinition[]
  /** By the first word; definitions that begin with a parameter are under the empty string. */
  readonly #entries = new Map<string, Entry[]>()

  /** Throws an error that names an invalid Cucumber expression. */
  constructor(definitions: readonly SentenceDefinition[]) {
    this.definitions = definitions
    const registry = new SentenceParameters()
    for (const definition of definitions) {
      const expression = new CucumberExpression(definition.expression, registry)
      const first = /^\w+(?= |$)/.exec(definition.expression)?.[0].toLowerCase() ?? ''
      const entry = {
        definition,
        regexp: new RegExp(expression.regexp.source, 'i'),
        located: new RegExp(expression.regexp.source, 'id'),
        parameters: parametersIn(expression.ast),
      }
      this.#entries.set(first, [...(this.#entries.get(first) ?? []), entry])
    }
  }

  /** All definitions that match. */
  match(tokens: readonly Token[]): Match[] {
    const { text, starts } = outlineOf(tokens)
    if (text.length > longest) return []
    const first = /^\w+/.exec(text)?.[0].toLowerCase() ?? ''
    const entries = [...(this.#entries.get(first) ?? []), ...(first === '' ? [] : (this.#entries.get('') ?? []))]
    return entries.flatMap(({ definition, regexp, located, parameters }) => {
      const { indices } = (regexp.test(text) && located.exec(text)) || {}
      if (!indices) return []
      const taken = parameters.map((parameter, index) => {
        const [from = 0, to = 0] = indices[index + 1] ?? []
        return { parameter, tokens: tokens.filter((_, at) => isWithin(starts[at] ?? 0, from, to)) }
      })
      return [{ definition, arguments: taken }]
    })
  }
}

const markOf = { text: textMark, json: jsonMark, table: tableMark }

/** The text of a sentence in which one character replaces each text in quotes, each JSON and a table. */
function outlineOf(tokens: readonly Token[]): { text: string; starts: number[] } {
  let text = ''
  const starts: number[] = []
  for (const token of tokens) {
    if (text !== '') text += ' '
    starts.push(text.length)
    if (token.kind === 'word') text += token.text.replace(/[\uE000-\uE002\s]/g, '?')
    else text += markOf[token.kind]
    if (text.length > longest) break
  }
  return { text, starts }
}

function isWithin(start: number, from: number, to: number): boolean {
  return start >= from && start < to
}

function parametersIn(node: Node): string[] {
  if (node.type === NodeType.parameter) {
    const name = node.text()
    return [parameterNamed(name)?.name ?? name]
  }
  return (node.nodes ?? []).flatMap(parametersIn)
}
