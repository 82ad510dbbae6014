/** Formats comparisons: a line a file, the table of all, and the differences of one file. */
import type { Comparison, Difference, Verdict } from './comparison.ts'

/** An error in the place of a comparison says why the file could not be compared. */
type Outcome = Comparison | Error

const columns = ['file', 'statements', 'unsteady', 'differing', 'verdict'] as const

export function tableOf(outcomes: ReadonlyMap<string, Outcome>): string {
  const counts: Record<Verdict, number> = { identical: 0, named: 0, other: 0 }
  for (const outcome of outcomes.values()) counts[verdictOf(outcome)] += 1
  const { identical, named, other } = counts
  return [
    row(...columns),
    ...[...outcomes].map(([name, outcome]) => lineOf(name, outcome)),
    `${outcomes.size} files: ${identical} identical, ${named} with named differences only, ${other} with others`,
  ].join('\n')
}

export function lineOf(name: string, outcome: Outcome): string {
  if (outcome instanceof Error) return `${row(name, '', '', '', 'other')} (not compared: ${outcome.message})`
  const { statements, unsteady, differences, verdict, more } = outcome
  const line = row(name, `${statements}`, `${unsteady}`, `${differences.length}`, verdict)
  return more > 0 ? `${line} (and ${more} more)` : line
}

/** The differences, as a text; empty if there are none. */
export function reportOf(outcome: Outcome): string {
  if (outcome instanceof Error) return `${outcome.stack}\n`
  const { differences, more } = outcome
  const end = more > 0 ? [`${more} more statements differ, perhaps as consequences: raise --rounds.`] : []
  return [...differences.map(describe), ...end].map(it => `${it}\n`).join('')
}

function describe({ line, statement, bare, sandbox, row: named }: Difference): string {
  const prefixed = (prefix: string, text: string) =>
    text
      .split('\n')
      .filter(Boolean)
      .map(it => `${prefix}${it}`)
  return [
    `@@ line ${line}: ${named === undefined ? 'other' : `named, ${named}`}`,
    ...prefixed(' ', statement),
    ...prefixed('-', bare),
    ...prefixed('+', sandbox),
  ].join('\n')
}

function verdictOf(outcome: Outcome): Verdict {
  return outcome instanceof Error ? 'other' : outcome.verdict
}

function row(file: string, ...[statements = '', unsteady = '', differing = '', verdict = '']: string[]): string {
  return `${file.padEnd(26)} ${statements.padStart(10)} ${unsteady.padStart(9)} ${differing.padStart(9)}  ${verdict}`
}
