/** Lists the `Include` lines of a file, and the files that they lead to. */
import { readFileSync } from 'node:fs'
import type { Document } from '../parse/document.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { pathOf } from './included-files.ts'

export interface IncludeLine {
  /** The path as written. */
  name: string
  /** Of the sentence. */
  offset: number
}

export function includeLines({ before, logins, scenarios }: Document): IncludeLine[] {
  const blocks = [...(before ? [before] : []), ...logins, ...scenarios]
  return blocks
    .flatMap(({ sentences }) => sentences)
    .flatMap(({ tokens: [word, path, ...others], offset }) => {
      if (word?.kind !== 'word' || word.text.toLowerCase() !== 'include') return []
      if (path?.kind !== 'text' || others.length > 0) return []
      const [name, ...rest] = path.template
      return typeof name === 'string' && rest.length === 0 ? [{ name, offset }] : []
    })
}

/**
 * The absolute paths of the files that a file includes, also by way of others; of those that cannot be read as well.
 * @param text What is in the file, if that may differ from the disk, as in an editor.
 */
export function filesIncludedBy(file: string, text?: string): string[] {
  const found = new Set<string>()
  const visit = (from: string, content?: string) => {
    for (const { name } of linesIn(from, content)) {
      const included = pathOf(name, { file: from })
      if (found.has(included)) continue
      found.add(included)
      visit(included)
    }
  }
  visit(file, text)
  return [...found]
}

/** None for a file that cannot be read. */
function linesIn(file: string, text?: string): IncludeLine[] {
  try {
    return includeLines(parse(new Source(text ?? readFileSync(file))).document)
  } catch {
    return []
  }
}
