/** Parses and compiles a file: the scenarios to run, and all faults. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Fault, faultAt, mostFaults } from '../parse/fault.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { compile } from './compile.ts'
import type { CompiledScenario } from './compiled-scenario.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Reading {
  scenarios: CompiledScenario[]
  /** Ordered by their places, those of included files last. Do not run the scenarios if there are any. */
  faults: Fault[]
}

/** Throws if the file cannot be read from disk. @param shown The name of the file in faults. */
export function readSpec(file: string, shown: string, vocabulary: Vocabulary): Reading {
  return readText(readFileSync(file), shown, vocabulary, path.resolve(file))
}

/** @param file The absolute path of the file whose content it is; without it, the text cannot include others. */
export function readText(content: Uint8Array | string, shown: string, vocabulary: Vocabulary, file?: string): Reading {
  const source = new Source(content)
  const { document, mistakes } = parse(source)
  const compilation = compile(document, { file, shown, source }, vocabulary)
  const all = [...mistakes, ...compilation.mistakes]
    .sort((one, other) => one.offset - other.offset)
    .slice(0, mostFaults)
    .map(mistake => faultAt(shown, source, mistake))
  return { scenarios: compilation.scenarios, faults: [...all, ...compilation.included.faults].slice(0, mostFaults) }
}
