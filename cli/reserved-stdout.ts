/** Keeps stdout for the output of a command, while code of the project runs that may print as well. */
import { Writable } from 'node:stream'

type Write = typeof process.stdout.write

/** How many reservations there are, and what `process.stdout.write` was before the first one. */
let count = 0
let original: Write = process.stdout.write

/** All that is written to `process.stdout` goes to stderr until `release` is called; `output` writes to stdout itself. */
export function reserveStdout(): { output: Writable; release(): void } {
  if (count++ === 0) {
    original = process.stdout.write
    process.stdout.write = process.stderr.write.bind(process.stderr) as Write
  }
  const write = original
  return {
    output: new Writable({
      write: (chunk, encoding, done) => void write.call(process.stdout, chunk, encoding, done),
    }),
    release: () => {
      if (--count === 0) process.stdout.write = original
    },
  }
}

/** Rejects with what `work` rejects with. */
export async function withReservedStdout<T>(work: () => Promise<T>): Promise<T> {
  const { release } = reserveStdout()
  try {
    return await work()
  } finally {
    release()
  }
}
