/**
 * Assigns what psql prints to the lines of its file. With `-a`, psql prints each line as it reads it, and what a statement
 * gives after the line that ends the statement.
 */

export interface Results {
  /** What was printed after a line, by the line's index, without blank lines. */
  after: ReadonlyMap<number, string>
  /** How many lines psql has read: fewer than the file has if it ended early. */
  read: number
}

/** Reads an output of psql, which leaves most blank lines of the file out. */
export function readResults(lines: readonly string[], output: string): Results {
  const beyondBlank = (at: number): number => (at < lines.length && lines[at] === '' ? beyondBlank(at + 1) : at)
  const dataEnds = endsOfCopyData(lines)
  const printed = new Map<number, string[]>()
  let last = -1
  let next = beyondBlank(0)
  for (const line of output.split('\n')) {
    if (line.trim() === '') continue
    const behindData = beyondBlank(dataEnds.get(next) ?? next)
    // psql does not print the data of COPY, unless the command has failed.
    if (line === lines[next] || line === lines[behindData]) {
      last = line === lines[next] ? next : behindData
      next = beyondBlank(last + 1)
    } else printed.set(last, [...(printed.get(last) ?? []), line])
  }
  return { after: new Map([...printed].map(([line, texts]) => [line, texts.join('\n')])), read: next }
}

/** For each line of data of a COPY: the line behind the data. */
function endsOfCopyData(lines: readonly string[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>()
  let statement = ''
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    statement = /;\s*(--.*)?$/.test(statement) || statement.startsWith('\\') ? line : `${statement} ${line}`.trim()
    if (!/\bcopy\b[^;]*\bfrom\s+stdin\b/i.test(statement) || !/;\s*(--.*)?$|^\\copy/i.test(statement)) continue
    const end = lines.indexOf('\\.', at)
    if (end === -1) continue
    for (let data = at + 1; data <= end; data++) ends.set(data, end + 1)
  }
  return ends
}
