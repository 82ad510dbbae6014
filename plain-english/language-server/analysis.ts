/** Answers what an editor asks about a file in English. Texts and offsets in, answers out; it reads only the files that a text includes. */
import path from 'node:path'
import { type Step, withInner } from '../compile/compiled-scenario.ts'
import { filesIncludedBy, includeLines } from '../compile/include-lines.ts'
import { pathOf } from '../compile/included-files.ts'
import { parameterMeanings } from '../compile/parameters.ts'
import { readText } from '../compile/read-spec.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { uniqueNames } from '../compile/variable-names.ts'
import type { Match, Vocabulary } from '../compile/vocabulary.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { matchAt, sentenceStart, snippetOf } from './sentence-at.ts'

/** Lines and characters are 0-based, as in the Language Server Protocol. */
export interface Position {
  line: number
  character: number
}

interface Range {
  start: Position
  end: Position
}

export interface Diagnostic {
  range: Range
  message: string
}

export interface Completion {
  label: string
  kind: 'sentence' | 'variable' | 'keyword'
  /** What it does. */
  detail: string
  documentation: string
  /** What is inserted, as a snippet with places to fill in. */
  snippet: string
  /** The text that it replaces. */
  range: Range
}

/**
 * The faults of a file, each over the word at its place; those of included files over the `Include` line.
 * @param file The absolute path of the file; undefined: the text is in no file, and cannot include others.
 */
export function diagnosticsOf(text: string, file: string | undefined, vocabulary: Vocabulary): Diagnostic[] {
  if (text.trim() === '') return []
  const source = new Source(text)
  const shown = file ?? 'untitled.txt'
  return readText(text, shown, vocabulary, file).faults.map(fault => {
    const { line, column, message, suggestions } = fault
    const hints = suggestions.length > 0 ? `\nDid you mean: ${suggestions.join('; ')}` : ''
    if (file !== undefined && fault.file !== shown) {
      const where = `${path.relative(path.dirname(file), fault.file)}:${line}:${column}`
      return { range: includeRange(source, file, fault.file), message: `${where}: ${message}${hints}` }
    }
    const rest = source.line(line).slice(column - 1)
    const length = Math.max(1, /^\S*/.exec(rest)?.[0].length ?? 1)
    const start = { line: line - 1, character: column - 1 }
    return { range: { start, end: { ...start, character: column - 1 + length } }, message: message + hints }
  })
}

/** The `Include` that leads to a file. */
function includeRange(source: Source, file: string, included: string): Range {
  const found = includeLines(parse(source).document).find(({ name }) => {
    const direct = pathOf(name, { file })
    return direct === included || filesIncludedBy(direct).includes(included)
  })
  const offset = found?.offset ?? 0
  const { line, column } = source.placeOf(offset)
  const start = { line: line - 1, character: column - 1 }
  return { start, end: { ...start, character: source.line(line).trimEnd().length } }
}

const keywords: readonly { label: string; detail: string; snippet: string }[] = [
  { label: 'Scenario:', detail: 'begins a scenario, which is one test', snippet: 'Scenario: ${1:title}' },
  { label: 'Tag:', detail: 'adds tags to the scenario', snippet: 'Tag: @${1:smoke}' },
  { label: 'Tag Each Scenario:', detail: 'adds tags to all scenarios', snippet: 'Tag Each Scenario: @${1:smoke}' },
  { label: 'Login:', detail: 'begins what As does with this name', snippet: 'Login: ${1:admin}' },
  {
    label: 'Before Each Scenario:',
    detail: 'begins the sentences that run before those of each scenario',
    snippet: 'Before Each Scenario:',
  },
  {
    label: 'Examples:',
    detail: 'begins a table, for each of whose rows the scenario runs',
    snippet: 'Examples: ${1:name}\n| ${2:variable} |\n| ${3:value} |',
  },
]

/** The sentences that can stand on a line, or, after `${`, the variables. @param file As for `diagnosticsOf`. */
export function completionsAt(
  text: string,
  { line, character }: Position,
  vocabulary: Vocabulary,
  file?: string,
): Completion[] {
  const source = new Source(text)
  const before = source.line(line + 1).slice(0, character)
  const [, written] = /\$\{([^{}"]*)$/.exec(before) ?? []
  if (written !== undefined) {
    const start = { line, character: character - written.length }
    return variablesAbove(source, line + 1, vocabulary, file).map(({ name, detail }) => ({
      label: name,
      kind: 'variable',
      detail,
      documentation: '',
      snippet: name.replace(/[\\$}]/g, '\\$&'),
      range: { start, end: { line, character } },
    }))
  }
  const start = before.trim() === '' ? source.offsetOf(line + 1) + before.length : sentenceStart(source, line + 1)
  if (start === undefined) return []
  const range = { start: { line, character: start - source.offsetOf(line + 1) }, end: { line, character } }
  if (range.start.character > character) return []
  const sentences = vocabulary.definitions.map(
    (definition): Completion => ({
      label: definition.expression,
      kind: 'sentence',
      detail: definition.meaning,
      documentation: documentationOf(definition),
      snippet: snippetOf(definition, vocabulary),
      range,
    }),
  )
  return [...sentences, ...keywords.map((word): Completion => ({ ...word, kind: 'keyword', documentation: '', range }))]
}

/** What the sentence on a line does, as Markdown; undefined if no sentence stands there. */
export function hoverAt(text: string, { line }: Position, vocabulary: Vocabulary): string | undefined {
  const match = matchAt(new Source(text), line + 1, vocabulary)
  return match && `**${match.definition.expression}**\n\n${documentationOf(match.definition)}`
}

/** The definition of the sentence on a line. */
export function definitionAt(text: string, { line }: Position, vocabulary: Vocabulary): SentenceDefinition | undefined {
  return matchAt(new Source(text), line + 1, vocabulary)?.definition
}

/** Where a module defines a sentence: the position of its expression; undefined if it does not. */
export function positionOfExpression(module: string, expression: string): Position | undefined {
  const found = ["'", '"', '`'].map(quote => module.indexOf(quote + expression + quote)).filter(index => index >= 0)
  if (found.length === 0) return undefined
  const source = new Source(module)
  const { line, column } = source.placeOf(Math.min(...found) + 1)
  return { line: line - 1, character: column - 1 }
}

function documentationOf({ meaning, example, expression }: SentenceDefinition): string {
  const names = new Set([...expression.matchAll(/\{(\w+)\}/g)].map(found => found[1]))
  const parameters = parameterMeanings.filter(({ name }) => names.has(name))
  return [
    meaning,
    ...(example === undefined ? [] : [`\`\`\`\n${example}\n\`\`\``]),
    ...(parameters.length > 0 ? [parameters.map(({ name, meaning }) => `- \`{${name}}\`: ${meaning}`).join('\n')] : []),
  ].join('\n\n')
}

const scenarioHead = /^\s*scenario(?: outline)?\s*:/i

/** The variables that the sentences above and the table of the scenario define, and those that always exist. */
function variablesAbove(
  source: Source,
  line: number,
  vocabulary: Vocabulary,
  file: string | undefined,
): { name: string; detail: string }[] {
  const own = new Map<string, string>()
  let head = line - 1
  for (; head > 0 && !scenarioHead.test(source.line(head)); head--) {
    for (const name of namesIn(matchAt(source, head, vocabulary))) own.set(name, `line ${head}`)
  }
  // What logins and included files save, and what is above each scenario.
  for (const step of stepsAbove(source, { head, line }, vocabulary, file).flatMap(withInner)) {
    const where = step.file === undefined ? '' : `${path.basename(step.file)}, `
    for (const name of namesIn(step)) if (!own.has(name)) own.set(name, `${where}line ${step.place.line}`)
  }
  const end = source.placeOf(source.text.length).line
  for (let at = line; at <= end && !scenarioHead.test(source.line(at)); at++) {
    const row = source.line(at).trim()
    if (!row.startsWith('|')) continue
    for (const cell of row.split('|')) if (/^\s*[A-Za-z_]\w*\s*$/.test(cell)) own.set(cell.trim(), `column, line ${at}`)
    break
  }
  return [
    ...[...own].map(([name, detail]) => ({ name, detail })),
    ...uniqueNames.map(name => ({ name, detail: 'a value that no other run uses' })),
    { name: 'env:', detail: 'an environment variable' },
    { name: 'secret:', detail: 'an environment variable whose value must not be shown' },
  ]
}

/**
 * The steps that run before a line of a scenario, of which the text need not be valid.
 * @param head The line where the scenario begins; 0: it has none.
 */
function stepsAbove(
  source: Source,
  { head, line }: { head: number; line: number },
  vocabulary: Vocabulary,
  file: string | undefined,
): Step[] {
  const { scenarios } = readText(source.text, file ?? 'untitled.txt', vocabulary, file)
  const isWithin = ({ file, place }: Step, from: number, to: number) =>
    file === undefined && place.line > from && place.line < to
  const here = scenarios.find(({ steps }) => steps.some(step => isWithin(step, head, line)))
  if (!here) {
    // Nothing is above the line in its scenario: only what is above each one.
    const lines = source.text.split('\n')
    const first = lines.findIndex(text => scenarioHead.test(text)) + 1
    return (scenarios[0]?.steps ?? []).filter(step => isWithin(step, 0, first))
  }
  const below = here.steps.findIndex(step => isWithin(step, line - 1, Number.POSITIVE_INFINITY))
  return here.steps.slice(0, below < 0 ? undefined : below)
}

/** The variables that a sentence defines. */
function namesIn(match: Pick<Step, 'arguments'> | Match | undefined): string[] {
  return (match?.arguments ?? []).flatMap(({ parameter, tokens: [token] }) =>
    parameter === 'name' && token?.kind === 'word' ? [token.text] : [],
  )
}
