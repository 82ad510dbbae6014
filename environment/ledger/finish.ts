/** Ends an intent: finds out whether something was created, as far as possible, and removes it. */
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ResolvedEnvironment } from '../resolve-environment.ts'
import type { LedgerEntry, OpenIntent, Thing } from './entry.ts'
import { holdsWords } from './placeholders.ts'
import { mayLackRights, type Removal, removeThing } from './remove-thing.ts'
import type { RemovedAddresses } from './removed-addresses.ts'
import type { Rights, Send } from './send.ts'
import { thingsOf } from './thing.ts'
import { thingsIn, withoutList } from './things-in.ts'

/** The shortest value, in characters, that may match a part of a found value. */
const shortestPart = 4

export type Ending =
  /** `count`: the number of things; 1 unless the rule has `each`. */
  | { as: 'removed'; count: number }
  /** Removed according to the response to the removal, but not confirmed by a GET. */
  | { as: 'unverified'; count: number }
  | { as: 'never created' }
  /**
   * `isEarly`: the request may still be in progress, or this attempt was interrupted; a later one may find out more. `cause`: why the request itself had no
   * result, without what this attempt has found; the ledger stores it, so that the next attempt does not repeat this one's.
   */
  | { as: 'unresolved'; reason: string; cause?: string | undefined; isEarly?: true }

type Unresolved = Extract<Ending, { as: 'unresolved' }>

/** The entry of an ending. */
export function endingEntry(id: string, ending: Ending): LedgerEntry {
  if (ending.as === 'unresolved') return { entry: 'unresolved', id, reason: storedReason(ending) }
  if (ending.as === 'never created') return { entry: 'ended', id, as: ending.as }
  return { entry: 'ended', id, as: ending.as, count: ending.count }
}

/** The reason of an ending that the ledger stores. */
export function storedReason({ reason, cause }: Unresolved): string {
  return cause ?? reason
}

export interface FinishLimits {
  /** Until when to wait for a request that may still be in progress, in milliseconds since 1970. */
  deadline: number
  /** Until when to wait for changes to become visible in an eventually consistent service; likewise. */
  settleBy: number
}

export interface FinishContext {
  target: ResolvedEnvironment
  send: Send
  /** The request's own headers for authorization, if they are still known. */
  rights?: Rights
  /** Those with the cookies that the response to the creation has set, such as a guest's session. */
  session?: Rights
  /** The addresses removed by the spec and by earlier removals; this removal adds its own. */
  removed: RemovedAddresses
  /** Stores the state of the things before they are removed. */
  note?: (things: Thing[]) => Promise<void>
  /** Whether another sweep has finished the intent, or begun to, since it was read. */
  isSettled?: () => boolean
  /** Ends all waiting. */
  stopped?: AbortSignal
}

/** Why the request itself had no result; undefined if it is known what it has created. */
export function causeOf({ things, reason }: OpenIntent): string | undefined {
  return things ? undefined : (reason ?? 'its response did not arrive')
}

/** Never rejects: errors become endings. */
export async function finish(open: OpenIntent, context: FinishContext, limits: FinishLimits): Promise<Ending> {
  const { target, send } = context
  const { intent } = open
  const { rule } = intent
  const cause = causeOf(open)
  const unresolved = (more: string): Unresolved => ({ as: 'unresolved', reason: `${cause}, and ${more}`, cause })
  // Without the authorization of the request, a service may answer 404 or an empty list although the thing exists.
  const lacksRights = Boolean(intent.rights?.length) && !context.rights
  /** The request had another token than the environment's. */
  const hadOtherToken = intent.rights?.some(name => target.headers[name] !== undefined) ?? false
  try {
    // The spec has named the address of a removal that it has registered.
    if (open.things) return await removeAll(open.things, ({ unannounced }) => hadOtherToken && !unannounced)
    const over = Date.parse(intent.at) + intent.timeoutMs
    if (rule?.find !== undefined) {
      const early = await find(rule.find)
      if (early !== undefined) return early
      if (!(await isOver(over, limits.deadline, context.stopped))) return tooEarly()
      const late = await find(rule.find)
      if (late !== undefined) return late
      if (!lacksRights) return { as: 'never created' }
      return unresolved(`${rule.find} shows nothing${hintAtRights()}`)
    }
    if (rule && (intent.method === 'PUT' || intent.method === 'PATCH')) {
      return unresolved(
        `there is no cleanup rule with \`find\` to check whether it was created: what a ${intent.method} names may have existed before`,
      )
    }
    const known = rule && rule.each === undefined ? thingsOf(rule, {}, {}, target.conceal) : undefined
    if (!Array.isArray(known) || known.some(needsAnswer)) {
      return unresolved('there is no cleanup rule with `find` to check whether it was created')
    }
    if (!(await isOver(over, limits.deadline, context.stopped))) return tooEarly()
    return await removeAll(
      known.map(thing => ({ ...thing, unannounced: true })),
      () => hadOtherToken,
    )
  } catch (error) {
    return { as: 'unresolved', reason: target.conceal(firstLine(error)), cause }
  }

  function tooEarly(): Ending {
    return { ...unresolved('it may still be in progress; `reprise sweep` checks again'), isEarly: true }
  }

  /**
   * Removes the things, last first. A removed thing is deleted from the intent, so that no sweep removes it again. `isOfOther`:
   * whether its address may name something else with the environment's token.
   */
  async function removeAll(things: readonly Thing[], isOfOther: (thing: Thing) => boolean): Promise<Ending> {
    const left = [...things]
    const endings: Removal[] = []
    for (const thing of [...things].reverse()) {
      const found = await removeThing(thing, {
        target,
        send: request => send({ ...request, replay: intent.replay }),
        rights: context.rights,
        session: context.session,
        removed: context.removed,
        lacksRights,
        isOfOther: isOfOther(thing),
        settleBy: limits.settleBy,
        pause: ms => pause(ms, context.stopped),
        note: async () => {
          left[left.indexOf(thing)] = { ...thing, seen: true }
          open.things = [...left]
          await context.note?.(open.things)
        },
      })
      const removal = found.as === 'unresolved' && found.neverSeen ? await otherwise(found) : found
      endings.push(removal)
      if (removal.as !== 'unresolved')
        left.splice(
          left.findIndex(other => other.remove === thing.remove),
          1,
        )
    }
    const failed = endings.filter(ending => ending.as === 'unresolved')
    if (failed.length > 0) {
      open.things = left
      const reasons = [...new Set(failed.map(({ reason }) => reason))].join('; ')
      const hint = failed.some(({ mayLackRights }) => mayLackRights) ? hintAtRights() : ''
      return { as: 'unresolved', reason: `${reasons}${hint}`, cause }
    }
    const isVerified = endings.every(({ as }) => as === 'removed')
    return { as: isVerified ? 'removed' : 'unverified', count: things.length }
  }

  /** Other evidence that a thing is gone which was never found. */
  async function otherwise(found: Removal): Promise<Removal> {
    if (context.isSettled?.()) return { as: 'removed' }
    if (rule?.find === undefined || lacksRights) return found
    // The spec may have removed it, and was killed before that was recorded.
    const { status, body } = await get(rule.find)
    const isNothing = status >= 200 && status < 300 && foundIn(body)?.length === 0
    return isNothing ? { as: 'unverified' } : found
  }

  function get(line: string) {
    const request = { method: 'GET', url: target.reveal(line.slice(4)), replay: intent.replay }
    return send({ ...request, ...(context.rights && { rights: context.rights }) })
  }

  /** Removes what `find` returns. Undefined if it returns nothing. */
  async function find(line: string): Promise<Ending | undefined> {
    const { status, body } = await get(line)
    if (status === 404) return undefined
    const unclear = (what: string) => unresolved(`${line} ${what}`)
    if (status < 200 || status >= 300) {
      return unclear(`was answered with ${status}${mayLackRights(status) ? hintAtRights() : ''}`)
    }
    const found = foundIn(body)
    if (!found) return unclear('was answered with no JSON')
    if (found.length === 0) return undefined
    // Removing something that belongs to others would be worse than a leak.
    if (found.length > 1) return unclear(`found ${found.length} things; it has to find one at most`)
    if (!holdsValues(found[0])) {
      return unclear(
        `found something that does not contain ${rule?.findValues?.join(' or ')}: does the service apply the query?`,
      )
    }
    const things = removalsOf(found[0])
    if (things) return removeAll(things, () => false)
    return unclear('found something without a value that its rule needs for the removal')
  }

  /** The things in a response to `find`: of an object with one list, which may be a thing itself, both if both may be meant. */
  function foundIn(body: string): unknown[] | undefined {
    const things = thingsIn(body)
    const own = withoutList(body)
    const removal = own && holdsValues(own) ? removalsOf(own) : undefined
    if (!removal) return things
    const isOther = (thing: unknown) => holdsValues(thing) && !isDeepStrictEqual(removalsOf(thing), removal)
    return [own, ...(things ?? []).filter(isOther)]
  }

  function holdsValues(thing: unknown): boolean {
    return (rule?.findValues ?? []).every(value => holds(thing, target.reveal(value)))
  }

  /** Undefined if it lacks a value that the rule needs. */
  function removalsOf(thing: unknown): Thing[] | undefined {
    const things = rule && thingsOf(rule, { body: thing }, {}, target.conceal)
    return Array.isArray(things) && !things.some(needsAnswer) ? things : undefined
  }

  /** The end of a reason for which the request's own authorization may be missing. */
  function hintAtRights(): string {
    if (!lacksRights || !intent.rights) return ''
    return `. The spec sent it with its own ${intent.rights.join(' and ')}, which is not stored; the environment's headers may not have the same rights`
  }
}

/** Whether a placeholder is left whose value only the response has. */
function needsAnswer({ remove, gone }: Thing): boolean {
  return /\{(body|header|location|each)\b/.test(JSON.stringify([remove.map(({ headers: _, ...step }) => step), gone]))
}

/** Whether a time has passed; waits for it if it is before the deadline. */
async function isOver(over: number, deadline: number, stopped: AbortSignal | undefined): Promise<boolean> {
  if (over > deadline) return false
  await pause(Math.max(over - Date.now(), 0), stopped)
  return true
}

/** Throws as soon as it is stopped. */
const pause = (ms: number, stopped: AbortSignal | undefined) => delay(ms, undefined, stopped && { signal: stopped })

/** Whether a thing contains a value, or contains it as whole words if it is long enough to be distinctive. */
function holds(thing: unknown, value: string): boolean {
  if (typeof thing === 'object' && thing !== null) return Object.values(thing).some(member => holds(member, value))
  const [own, asked] = [String(thing).toLowerCase(), value.toLowerCase()]
  return own === asked || (asked.length >= shortestPart && holdsWords(own, asked))
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line
}
