/** Asserts that work takes time in proportion to its size, on any machine: by the processor time of work that is smaller. */

/** How many times larger the large work is. */
const factor = 8

/**
 * Does the work on an eighth of the size, then on all of it. Throws if that takes more than four times what is in proportion,
 * each time of three: what grows with the square takes eight times that.
 * @param clock Milliseconds.
 */
export function assertProportionalTime(size: number, work: (size: number) => void, clock = processorMs): void {
  const timeOf = (size: number) => {
    const started = clock()
    work(size)
    return clock() - started
  }
  const times: string[] = []
  for (let attempt = 1; attempt <= 3; attempt++) {
    const small = timeOf(Math.ceil(size / factor))
    const large = timeOf(size)
    // A fraction of a second may be what else the process does, such as its garbage collection.
    if (large <= 4 * factor * small + 300) return
    times.push(`${Math.round(small)} and ${Math.round(large)} ms`)
  }
  throw new Error(`The time grows faster than the size: ${size / factor} and ${size} take ${times.join(', ')}.`)
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
