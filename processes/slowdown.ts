/** Measures how many times longer work takes because other processes use the processors of this machine. */
import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'

/** The largest factor: what takes longer hangs. */
const most = 20

/** How far back it looks, in milliseconds: a process that was started on a quiet machine may starve later. */
const span = 10_000

/** How often it looks, in milliseconds, once it has been asked. */
const interval = 5000

/** Less work than this, in nanoseconds, says nothing about the machine. */
const enough = 20e6

/** The times of this process in nanoseconds: on a processor, and waiting for one. */
interface Sample {
  /** In milliseconds. */
  readonly at: number
  readonly running: number
  readonly waiting: number
}

const start: Sample = { at: Number.NEGATIVE_INFINITY, running: 0, waiting: 0 }

export class Slowdown {
  readonly #schedstat: () => string
  readonly #now: () => number
  /** The oldest first. */
  #samples: Sample[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(
    schedstat: () => string = () => readFileSync('/proc/self/schedstat', 'utf8'),
    now: () => number = () => performance.now(),
  ) {
    this.#schedstat = schedstat
    this.#now = now
  }

  /**
   * 1 if a processor is free whenever it is needed; 9 if eight others want it as well. A time limit for work, of this process
   * or another, is multiplied by it.
   */
  factor(): number {
    const sample = this.#read()
    if (!sample) return limited(ofThisMachine())
    this.#timer ??= setInterval(() => this.look(), interval).unref()
    const earlier = this.#samples.findLast(({ at }) => at <= sample.at - span) ?? this.#samples[0] ?? start
    if (this.#samples.length === 0) this.#samples = [sample]
    const recent = workBetween(earlier, sample) >= enough ? earlier : start
    const running = sample.running - recent.running
    return limited(running > 0 ? workBetween(recent, sample) / running : most)
  }

  /** Notes the times, of which the later ones are compared. */
  look(): void {
    const sample = this.#read()
    if (!sample) return
    const last = this.#samples.findLastIndex(({ at }) => at <= sample.at - span)
    this.#samples = [...this.#samples.slice(Math.max(last, 0)), sample]
  }

  /** Undefined except on Linux. */
  #read(): Sample | undefined {
    try {
      const [running = 0, waiting = 0] = this.#schedstat().split(' ').map(Number)
      return running > 0 ? { at: this.#now(), running, waiting } : undefined
    } catch {
      return undefined
    }
  }
}

const ofThisProcess = new Slowdown()

/** The factor of this process now. */
export const slowdown = (): number => ofThisProcess.factor()

const limited = (factor: number): number => Math.min(Math.max(1, factor), most)

const workBetween = (one: Sample, other: Sample): number => other.running - one.running + (other.waiting - one.waiting)

/** By the processes that wanted a processor in the last minute. 0 on Windows, which does not count them. */
function ofThisMachine(): number {
  return (loadavg()[0] ?? 0) / availableParallelism()
}
