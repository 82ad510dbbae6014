/** Prints a document as text that parses to the same document. */
import type { Document, Scenario, Sentence, Table, Token } from './document.ts'
import type { Json } from './json/json.ts'
import type { Template } from './template.ts'

export function print({ scenarios }: Document): string {
  return scenarios.map(printScenario).join('\n')
}

function printScenario({ title, tags, sentences, table }: Scenario): string {
  return [
    ...(title === undefined ? [] : [`Scenario: ${title}`]),
    ...(tags.length > 0 ? [`Tag: ${tags.join(' ')}`] : []),
    ...sentences.map(printSentence),
    ...(table ? printTable(table) : []),
  ]
    .map(line => `${line}\n`)
    .join('')
}

function printSentence({ tokens }: Sentence): string {
  return tokens.map(printToken).join(' ')
}

function printToken(token: Token): string {
  if (token.kind === 'word') return token.text
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

function printTable({ names, rows }: Table): string[] {
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
