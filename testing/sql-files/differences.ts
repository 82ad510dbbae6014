/** Compares the outputs of psql: what a sandbox answers otherwise than a server does each time. */
import { diffArrays } from 'diff'

/** The differences between `bare` and `sandbox`, each with the statement before it, without what `again` has otherwise too. */
export function differences(bare: string, again: string, sandbox: string): string[] {
  const lines = bare.split('\n')
  const unsteady = new Set(hunksOf(lines, again.split('\n')).flatMap(({ from, to }) => range(from, to)))
  return hunksOf(lines, sandbox.split('\n'))
    .filter(({ from, to }) => !range(from, to).some(line => unsteady.has(line)))
    .map(({ from, to, other }) =>
      [
        `@@ line ${from + 1}`,
        ...lines.slice(Math.max(0, from - 3), from).map(line => ` ${line}`),
        ...lines.slice(from, to).map(line => `-${line}`),
        ...other.map(line => `+${line}`),
      ].join('\n'),
    )
}

interface Hunk {
  /** Lines of the first text, from 0: the first that differs, and the one behind the last. */
  from: number
  to: number
  /** What stands there in the other text. */
  other: string[]
}

function hunksOf(one: string[], two: string[]): Hunk[] {
  const hunks: Hunk[] = []
  let at = 0
  for (const { value, added, removed } of diffArrays(one, two)) {
    const last = hunks.at(-1)
    if (!added && !removed) at += value.length
    else if (removed) {
      if (last?.to === at) last.to += value.length
      else hunks.push({ from: at, to: at + value.length, other: [] })
      at += value.length
    } else if (last?.to === at) last.other.push(...value)
    else hunks.push({ from: at, to: at, other: [...value] })
  }
  return hunks
}

/** A place between two lines counts as the line before it. */
function range(from: number, to: number): number[] {
  return from === to ? [from - 1] : Array.from({ length: to - from }, (_, index) => from + index)
}
