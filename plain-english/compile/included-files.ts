/** Reads the files that `Include` names, each once. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Document } from '../parse/document.ts'
import { type Fault, faultAt, type Mistake } from '../parse/fault.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'

export interface IncludedFile {
  /** An absolute path. */
  file: string
  /** As faults name it. */
  shown: string
  source: Source
  document: Document
}

/** The absolute path of a file that another one includes. */
export function pathOf(name: string, { file }: Pick<IncludedFile, 'file'>): string {
  return path.resolve(path.dirname(file), name)
}

export class IncludedFiles {
  readonly #files = new Map<string, IncludedFile>()
  /** By their texts: a file that is included twice has each fault once. */
  readonly #faults = new Map<string, Fault>()

  get faults(): Fault[] {
    return [...this.#faults.values()]
  }

  /** Throws if the file cannot be read from disk. @param name Relative to the folder of the file that includes it. */
  read(name: string, from: Pick<IncludedFile, 'file' | 'shown'>): IncludedFile {
    const file = pathOf(name, from)
    const known = this.#files.get(file)
    if (known) return known
    const source = new Source(readFileSync(file))
    const { document, mistakes } = parse(source)
    const shown = path.isAbsolute(from.shown) ? file : path.join(path.dirname(from.shown), name)
    const included = { file, shown, source, document }
    this.#files.set(file, included)
    for (const mistake of mistakes) this.report(included, mistake)
    return included
  }

  report({ shown, source }: Pick<IncludedFile, 'shown' | 'source'>, mistake: Mistake): void {
    this.#faults.set(JSON.stringify([shown, mistake.offset, mistake.message]), faultAt(shown, source, mistake))
  }
}
