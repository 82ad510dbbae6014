/** Bounds what a test may print: Playwright keeps all of it in memory and in its report. */
import { test } from '@playwright/test'

/** In bytes, for each test, and for all that is printed between tests. */
const limit = 1_000_000

/** Wraps the streams of this process, a worker of Playwright. A note is printed once for each test whose output was left out. */
export function boundOutput(): void {
  const printed = new WeakMap<object, number>()
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      const test = currentTest() ?? stream
      const before = printed.get(test) ?? 0
      const after = before + chunk.length
      printed.set(test, after)
      if (after <= limit) return Reflect.apply(write, stream, [chunk, ...rest])
      if (before <= limit) write('…\n(More than a megabyte was printed; the rest is left out.)\n')
      const done = rest.find(argument => typeof argument === 'function')
      if (done) process.nextTick(done)
      return true
    }
  }
}

function currentTest(): object | undefined {
  try {
    return test.info()
  } catch {
    return undefined
  }
}
