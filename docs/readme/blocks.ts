/** Reads a Markdown page: its code blocks, and the code at the beginning of table rows and list items. */

export interface Block {
  /** The text after the opening fence, such as `ts`. */
  readonly language: string
  readonly text: string
  /** The line of the opening fence, 1-based. */
  readonly line: number
}

/** The fenced blocks of a page, in order. Throws for an unclosed one. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const language = /^\s*```(.*)$/.exec(lines[at] ?? '')?.[1]
    if (language === undefined) continue
    const end = lines.findIndex((line, index) => index > at && /^\s*```\s*$/.test(line))
    if (end === -1) throw new Error(`The code block in line ${at + 1} is not closed.`)
    blocks.push({ language: language.trim(), text: lines.slice(at + 1, end).join('\n'), line: at + 1 })
    at = end
  }
  return blocks
}

/** The code at the beginning of table rows and list items in a section. */
export function leadingCode(markdown: string, heading: string): string[] {
  const section = markdown.split(/^## /m).find(part => part.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`There is no heading "${heading}".`)
  return [...section.matchAll(/^[|-] `([^`]+)`/gm)].map(([, code]) => code ?? '')
}
