/** Reads a file as a whole: the scenarios to run, or everything that is wrong with it. */
import { readFileSync } from 'node:fs'
import { type Fault, faultAt, mostFaults } from '../parse/fault.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { compile } from './compile.ts'
import type { CompiledScenario } from './compiled-scenario.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Reading {
  scenarios: CompiledScenario[]
  /** In the order of their places; the scenarios are of no use if there is one. */
  faults: Fault[]
}

/** Throws for a file that cannot be read at all. @param shown How faults call the file. */
export function readSpec(file: string, shown: string, vocabulary: Vocabulary): Reading {
  return readText(readFileSync(file), shown, vocabulary)
}

export function readText(content: Uint8Array | string, shown: string, vocabulary: Vocabulary): Reading {
  const source = new Source(content)
  const { document, mistakes } = parse(source)
  const compilation = compile(document, source, shown, vocabulary)
  const all = [...mistakes, ...compilation.mistakes]
    .sort((one, other) => one.offset - other.offset)
    .slice(0, mostFaults)
  return { scenarios: compilation.scenarios, faults: all.map(mistake => faultAt(shown, source, mistake)) }
}
