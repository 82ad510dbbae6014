/** Prints a section of the results as a table. */

export type Row = {
  what: string
  /** A formatted duration, rate or size. */
  median?: string
  /** The comparison, such as `1.12x of bare pg` or `+0.21 s`. */
  relation?: string
  target?: string
  /** Whether the target is missed, which is printed. */
  missed?: boolean
}

export type Section = { title: string; rows: Row[] }

export function printTable({ title, rows }: Section): void {
  const lines = rows.map(({ what, median = '', relation = '', target = '', missed }) => {
    return [what, median, relation, missed ? `${target}: missed` : target]
  })
  const table = [['', 'median', 'relation', 'target'], ...lines]
  const widths = [0, 1, 2, 3].map(column => Math.max(...table.map(line => line[column]?.length ?? 0)))
  console.log(`\n${title}`)
  for (const line of table) console.log(`  ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
}

/** The ratio of two durations or rates, and whether it meets the target. */
export function ratio(
  value: number,
  of: number,
  name: string,
  target: { atMost?: number; atLeast?: number } = {},
): Pick<Row, 'relation' | 'target' | 'missed'> {
  const { atMost, atLeast } = target
  const quotient = value / of
  return {
    relation: `${quotient.toFixed(2)}x of ${name}`,
    ...(atMost !== undefined && { target: `at most ${atMost}x`, missed: quotient > atMost }),
    ...(atLeast !== undefined && { target: `at least ${atLeast}x`, missed: quotient < atLeast }),
  }
}

export function duration(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`
}
