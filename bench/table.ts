/** A section of the benchmark's result, and how it is printed. */

export type Row = {
  what: string
  /** Median, in milliseconds. */
  ms: number
  /** What it is held against, for instance `1.12x of bare pg` or `+0.21 s`. */
  relation?: string
  target?: string
}

export type Section = { title: string; rows: Row[] }

export function printTable({ title, rows }: Section): void {
  const lines = rows.map(({ what, ms, relation = '', target = '' }) => [what, format(ms), relation, target])
  const table = [['', 'median', 'relation', 'target'], ...lines]
  const widths = [0, 1, 2, 3].map(column => Math.max(...table.map(line => line[column]?.length ?? 0)))
  console.log(`\n${title}`)
  for (const line of table) console.log(`  ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
}

export const ratio = (ms: number, of: number, name: string): string => `${(ms / of).toFixed(2)}x of ${name}`

function format(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`
}
