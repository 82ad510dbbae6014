/** Prints the vocabulary for a terminal and for the documentation. */
import { parameterMeanings } from './parameters.ts'
import type { SentenceDefinition } from './sentence-definition.ts'

export interface Family {
  name: string
  sentences: readonly SentenceDefinition[]
}

/** For a terminal. */
export function vocabularyText(families: readonly Family[]): string {
  const sections = families.map(({ name, sentences }) => `${name}\n\n${sentences.map(entryText).join('\n')}`)
  const width = Math.max(...parameterMeanings.map(({ name }) => name.length)) + 2
  const parameters = parameterMeanings.map(
    ({ name, meaning }) => `  ${`{${name}}`.padEnd(width)}  ${meaning.replaceAll('`', '')}`,
  )
  return [...sections, `Parameters\n\n${parameters.join('\n')}`].join('\n\n')
}

/** For Markdown. */
export function vocabularyMarkdown(families: readonly Family[]): string {
  const sections = families.map(({ name, sentences }) => {
    const rows = sentences.map(({ expression, meaning, example }) => [
      code(expression),
      cell(meaning),
      (example ?? '').split('\n').map(code).join('<br>'),
    ])
    return `### ${name}\n\n${table(['sentence', 'what it does', 'example'], rows)}`
  })
  const rows = parameterMeanings.map(({ name, meaning }) => [code(`{${name}}`), cell(meaning)])
  return [...sections, `### Parameters\n\n${table(['parameter', 'what to write'], rows)}`].join('\n\n')
}

function entryText({ expression, meaning, example }: SentenceDefinition): string {
  return [
    `  ${expression}`,
    ...(meaning ? [`      ${meaning}`] : []),
    ...(example ? [`      e.g. ${example.replaceAll('\n', '\n           ')}`] : []),
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map(cells => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return text === '' ? '' : `\`${cell(text)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
