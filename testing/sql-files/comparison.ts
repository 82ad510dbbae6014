/**
 * Compares one SQL file on a bare server and in a sandbox, statement by statement. A difference often causes others: its
 * statement is left out, in both places, and the file is run again, until nothing differs. In each round, all differences
 * that the documentation names are left out, or, if the first one is not named, that one too: whatever comes later may be
 * its consequence.
 */
import { type NamedDifference, nameOf } from './named-differences.ts'
import { readResults } from './results.ts'
import type { Played } from './sql-run.ts'

export interface Difference {
  /** Of the file, from 1: the line that ends the statement. */
  line: number
  statement: string
  bare: string
  sandbox: string
  /** The title of its row in the table of docs/sandbox.md; undefined if no row names it. */
  row: string | undefined
}

export type Verdict = 'identical' | 'named' | 'other'

export interface Comparison {
  verdict: Verdict
  /** How many statements have a result on the bare server. */
  statements: number
  /** How many of them differ between two runs on the bare server, and were not compared. */
  unsteady: number
  /** One for each statement that was left out, in the order of the file. */
  differences: Difference[]
  /** How many more differ when the rounds are used up. They may be consequences of the differences. */
  more: number
}

export interface Subject {
  /** The file. */
  text: string
  /** Runs a text on a new copy of the database. */
  bare: (text: string) => Promise<Played>
  sandbox: (text: string) => Promise<Played>
  named: readonly NamedDifference[]
  /** How often the file is run in the sandbox at most. */
  rounds: number
}

export async function compare({ text, bare, sandbox, named, rounds }: Subject): Promise<Comparison> {
  const lines = text.split('\n')
  const leftOut = new Set<number>()
  const unsteady = new Set<number>()
  const differences: Difference[] = []
  let statements: number | undefined
  let more = 0
  for (let round = 1; round <= rounds; round++) {
    const shown = lines.map((line, at) => (leftOut.has(at) ? '' : line))
    const script = shown.join('\n')
    const onServer = await bare(script)
    if (onServer.ended !== undefined) {
      if (round === 1) throw new Error(`On the server itself, ${onServer.ended}: raise --limit.`)
      // Without what was left out, such as the end of a transaction, the server waits for ever.
      more = Math.max(more, 1)
      break
    }
    const inSandbox = await sandbox(script)
    statements ??= readResults(shown, onServer.output).after.size
    const candidates = differing(shown, onServer, inSandbox, unsteady)
    if (candidates.length > 0) {
      for (const { at } of differing(shown, onServer, await bare(script), unsteady)) unsteady.add(at)
    }
    const found = candidates
      .filter(({ at }) => !unsteady.has(at))
      .map(it => ({
        ...it,
        row: nameOf({ ...it, before: lines.slice(0, it.from).join('\n') }, named),
      }))
    const kept = found.filter(({ row }, index) => row !== undefined || index === 0)
    more = found.length - kept.length
    if (kept.length === 0) break
    for (const { at, from, ...difference } of kept) {
      differences.push({ line: at + 1, ...difference })
      for (let line = from; line <= at; line++) leftOut.add(line)
    }
  }
  differences.sort((one, other) => one.line - other.line)
  const isNamed = more === 0 && differences.every(({ row }) => row !== undefined)
  const verdict = !isNamed ? 'other' : differences.length > 0 ? 'named' : 'identical'
  return { verdict, statements: statements ?? 0, unsteady: unsteady.size, differences, more }
}

/** Indexes of lines: where the statement begins and ends. */
interface Candidate {
  from: number
  at: number
  statement: string
  bare: string
  sandbox: string
}

function differing(lines: readonly string[], one: Played, two: Played, skipped: ReadonlySet<number>): Candidate[] {
  const [bare, sandbox] = [readResults(lines, one.output), readResults(lines, two.output)]
  const candidates: Candidate[] = []
  // Without a line behind the last one that both have read, there is nothing to compare.
  const end = Math.min(bare.read, sandbox.read)
  const places = [...new Set([...bare.after.keys(), ...sandbox.after.keys()])].sort((a, b) => a - b)
  const add = (place: number, results: { bare: string; sandbox: string }) => {
    const before = places.filter(it => it < place).at(-1) ?? -1
    const from = beginOf(lines, before + 1, place)
    candidates.push({ from, at: place, statement: lines.slice(from, place + 1).join('\n'), ...results })
  }
  for (const place of places) {
    const results = { bare: bare.after.get(place) ?? '', sandbox: sandbox.after.get(place) ?? '' }
    if (place < end && results.bare !== results.sandbox && !skipped.has(place)) add(place, results)
  }
  const isEarly = bare.read !== sandbox.read && candidates.at(-1)?.at !== end - 1 && !skipped.has(end - 1)
  if (isEarly) add(end - 1, { bare: bare.after.get(end - 1) ?? '', sandbox: sandbox.after.get(end - 1) ?? '' })
  const last = candidates.at(-1)
  if (last && last.at === end - 1) {
    last.bare += endOf(bare.read, lines, one)
    last.sandbox += endOf(sandbox.read, lines, two)
  }
  return candidates
}

/** What to add to the result at which psql ended early. */
function endOf(read: number, lines: readonly string[], { ended }: Played): string {
  return read < lines.length - 1 ? `\n(${ended ?? 'psql ended here'})` : ''
}

/** The first line of the statement that ends at `to`: behind comments, blank lines and commands of psql without a result. */
function beginOf(lines: readonly string[], from: number, to: number): number {
  let begin = Math.min(from, to)
  for (let at = begin; at < to; at++) if (lines[at]?.startsWith('\\')) begin = at + 1
  while (begin < to && /^\s*(--.*)?$/.test(lines[begin] ?? '')) begin += 1
  return begin
}
