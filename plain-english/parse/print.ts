/** Prints a document as text that parses to the same document. */
import type { Comment, Document, Scenario, Sentence, Table, Tag, Token } from './document.ts'
import type { Json } from './json/json.ts'
import type { Template } from './template.ts'

export function print({ tags, before, logins, scenarios }: Document): string {
  return [
    ...(tags.length > 0 ? [[`Tag Each Scenario: ${textsOf(tags)}`]] : []),
    ...(before ? [['Before Each Scenario:', ...before.sentences.flatMap(printSentence)]] : []),
    ...logins.map(({ name, sentences }) => [`Login: ${name}`, ...sentences.flatMap(printSentence)]),
    ...scenarios.map(printScenario),
  ]
    .map(lines => lines.map(line => `${line}\n`).join(''))
    .join('\n')
}

function printScenario({ title, tags, comments, sentences, tables }: Scenario): string[] {
  return [
    ...comments.map(printComment),
    ...(title === undefined ? [] : [`Scenario: ${title}`]),
    ...(tags.length > 0 ? [`Tag: ${textsOf(tags)}`] : []),
    ...sentences.flatMap(printSentence),
    ...tables.flatMap(({ name = '', table }) => [`Examples: ${name}`.trim(), ...printTable(table)]),
  ]
}

function textsOf(tags: readonly Tag[]): string {
  return tags.map(({ text }) => text).join(' ')
}

/** The comments above it, its line, and its table. */
export function printSentence({ tokens, comments, table }: Sentence): string[] {
  return [...comments.map(printComment), tokens.map(printToken).join(' '), ...(table ? printTable(table) : [])]
}

function printComment({ text }: Comment): string {
  return `# ${text}`
}

function printToken(token: Token): string {
  if (token.kind === 'word') return token.text
  if (token.kind === 'table') return printTable(token.table).join('\n')
  return token.kind === 'text' ? quoted(token.template) : printJson(token.json)
}

export function printJson(json: Json): string {
  switch (json.kind) {
    case 'constant':
      return JSON.stringify(json.value)
    case 'text':
      return quoted(json.template)
    case 'variable':
      return `\${${json.variable.name}}`
    case 'list':
      return `[${json.items.map(printJson).join(', ')}]`
    case 'object':
      return `{${json.members.map(({ name, value }) => `${quoted(name)}: ${printJson(value)}`).join(', ')}}`
  }
}

export function printTable({ names, rows }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(names),
    ...rows.map(({ cells }) => line(cells.map(({ value }) => printJson(value).replaceAll('|', '\\|')))),
  ]
}

function quoted(template: Template): string {
  const parts = template.map(part => (typeof part === 'string' ? escaped(part) : `\${${part.name}}`))
  return `"${parts.join('')}"`
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('${', '\\${')
}
