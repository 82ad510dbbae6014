/**
 * Sends messages that the monitor's database is lost directly to the channels, since the outbox is lost with it: one when that
 * has lasted for some minutes, and one when it is over. Each instance does so by itself.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { longestPauseMs as longestAskedMs } from '../store/channel-pauses.ts'
import { DeliveryFailure } from '../store/delivery-failure.ts'
import type { SubjectMessage } from '../store/messages.ts'
import type { Send } from '../store/outbox.ts'
import { utcText } from '../utc-text.ts'

/** A restart of the database is shorter. */
const reportedAfterMs = 180_000

const attemptMs = 10_000
const [firstPauseMs, longestPauseMs] = [2_000, 300_000]
/** The end is not sent for longer. */
const endAttemptsMs = 3_600_000

export interface LostDatabaseOptions {
  /** Of this instance, for people: its machine and location. */
  instance: string
  /** Undefined: a muted instance. */
  sender(): { channels: readonly string[]; send: Send } | undefined
  /** The time of day, in milliseconds. */
  now?(): number
  /** Milliseconds of a clock that is never set. */
  elapsed?(): number
  pause?(ms: number, signal: AbortSignal): Promise<unknown>
}

interface Outage {
  since: number
  /** Of the clock that is never set. */
  begunAt: number
  /** By channel: whether it has accepted the beginning, in the end. */
  sent?: Map<string, Promise<boolean>>
  accepted: Set<string>
  ending: AbortController
}

export class LostDatabase {
  readonly #options: Required<LostDatabaseOptions>
  readonly #stopping = new AbortController()
  #outage: Outage | undefined
  /** By channel. */
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(options: LostDatabaseOptions) {
    const waits = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal, ref: false })
    this.#options = { now: () => Date.now(), elapsed: () => performance.now(), pause: waits, ...options }
  }

  /** The database could not be used; to be called again and again while that lasts. */
  failed(): void {
    const elapsed = this.#options.elapsed()
    this.#outage ??= {
      since: this.#options.now(),
      begunAt: elapsed,
      accepted: new Set(),
      ending: new AbortController(),
    }
    const outage = this.#outage
    const sender = this.#options.sender()
    if (outage.sent || !sender || elapsed - outage.begunAt < reportedAfterMs) return
    const message = this.#message(
      'began',
      outage.since,
      `it cannot be reached since ${utcText(new Date(outage.since))}: no check is replayed, and no state changes`,
    )
    const signal = AbortSignal.any([outage.ending.signal, this.#stopping.signal])
    const sendTo = async (channel: string) => {
      // The end of an earlier outage may still be under way.
      await this.#last.get(channel)
      const isSent = await this.#send(channel, message, signal)
      if (isSent) outage.accepted.add(channel)
      return isSent
    }
    outage.sent = new Map(sender.channels.map(channel => [channel, sendTo(channel)]))
  }

  /** The database was used. Returns the channels that know that it was lost; undefined if it was not. */
  worked(): ReadonlySet<string> | undefined {
    const outage = this.#outage
    this.#outage = undefined
    if (!outage) return undefined
    // Who has not got the beginning by now does not get it any more.
    outage.ending.abort()
    const from = utcText(new Date(outage.since))
    const message = this.#message(
      'ended',
      outage.since,
      `it could not be reached from ${from} to ${utcText(new Date(this.#options.now()))}`,
    )
    const signal = AbortSignal.any([AbortSignal.timeout(endAttemptsMs), this.#stopping.signal])
    for (const [channel, sent] of outage.sent ?? []) {
      this.#last.set(
        channel,
        sent.then(isSent => isSent && this.#send(channel, message, signal)),
      )
    }
    return outage.accepted
  }

  stop(): void {
    this.#stopping.abort()
  }

  #message(phase: 'began' | 'ended', since: number, text: string): SubjectMessage {
    const { instance, now } = this.#options
    return {
      ...{ kind: 'trouble', phase, severity: 'critical', at: new Date(now()).toISOString() },
      subjects: [{ name: `database, as seen by ${instance}`, text, since: new Date(since).toISOString() }],
    }
  }

  /** Resolves with whether the channel has accepted it. */
  async #send(channel: string, message: SubjectMessage, signal: AbortSignal): Promise<boolean> {
    const idempotencyKey = this.#keyOf(channel, message)
    const accepted = new Set<string>()
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.#options.sender()?.send({
          channel,
          message,
          idempotencyKey,
          attempt,
          accepted,
          remark: () => undefined,
          signal: AbortSignal.timeout(attemptMs),
        })
        return true
      } catch (error) {
        const backoff = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt - 1, 30))
        const ms = Math.max(backoff, retryAfterOf(error))
        await this.#options.pause(ms, signal).catch(() => undefined)
      }
    }
    return false
  }

  /** A UUID: the same for the same outage, as long as this process lives. */
  #keyOf(channel: string, { phase, subjects: [subject] }: SubjectMessage): string {
    const text = [this.#options.instance, channel, phase, subject?.since].join('\n')
    const hash = createHash('sha256').update(text).digest('hex')
    return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-')
  }
}

/** Not longer than channels are paused; a timer of more than 24 days would fire at once. */
const retryAfterOf = (error: unknown) =>
  Math.min(longestAskedMs, (error instanceof DeliveryFailure && error.retryAfterMs) || 0)
