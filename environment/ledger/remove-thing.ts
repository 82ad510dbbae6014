/**
 * Removes one thing and returns the result. `removed` needs evidence: it existed (GET, 2xx), it was removed, it does not exist
 * any more (GET, 404 or 410). Without a GET the result is at best `unverified`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { GoneWhen, RemovalRequest } from '../environment.ts'
import type { ResolvedEnvironment } from '../resolve-environment.ts'
import { seenAt, type Thing } from './entry.ts'
import { memberAt, renderText } from './placeholders.ts'
import type { RemovedAddresses } from './removed-addresses.ts'
import type { CleanupRequest, CleanupResponse, Rights } from './send.ts'
import { thingsIn, withoutList } from './things-in.ts'

export type Removal =
  | { as: 'removed' | 'unverified' }
  /**
   * `neverSeen`: no GET has found it, and the removal did not find it either. `mayLackRights`: a response was one that services
   * also give to requests without the necessary authorization.
   */
  | { as: 'unresolved'; reason: string; neverSeen?: true; mayLackRights?: boolean }

export interface RemovalContext {
  target: ResolvedEnvironment
  send(request: Omit<CleanupRequest, 'replay'>): Promise<CleanupResponse>
  rights: Rights | undefined
  /** See `FinishContext`. */
  session: Rights | undefined
  removed: RemovedAddresses
  /** The requests lack the authorization that the creation had: 404 does not mean that the thing is gone. */
  lacksRights: boolean
  /** The creation had another token than the environment's, with which the same address may name something else. */
  isOfOther: boolean
  /** In milliseconds since 1970. */
  settleBy: number
  pause(milliseconds: number): Promise<void>
  /** Stores that the thing exists and that its removal begins. */
  note(): Promise<void>
}

/** How long a thing may take to become visible, or to disappear, in milliseconds. */
const patience = 3000

interface Look {
  /** unclear: the response shows neither. */
  state: 'there' | 'gone' | 'unclear'
  /** Gone by the rule's field. */
  isMarked: boolean
  status: number
  headers: Readonly<Record<string, string>>
}

/** Throws if a request has no response. */
export async function removeThing(thing: Thing, context: RemovalContext): Promise<Removal> {
  const { target, removed, lacksRights, isOfOther } = context
  const address = seenAt(thing)
  let { rights } = context
  /** With which authorization to look and to remove where the own one does not suffice. */
  const others = [...(context.session ? [context.session] : []), ...(rights && !isOfOther ? [undefined] : [])]
  const isKnownGone = (thing.seen && !lacksRights) || (address !== undefined && removed.has(address))
  if (isOfOther && lacksRights) {
    return unresolved(`${lineOf(thing)} was not sent: with the environment's headers it may name something else`, true)
  }
  const before = await lookBefore()
  // Of several steps, the spec may have done one.
  if (before?.state === 'gone' && isKnownGone && thing.remove.length === 1) return { as: 'removed' }
  if (before?.state === 'there') await context.note()
  let last: CleanupResponse = { status: 0, headers: {}, body: '' }
  /** Whether a step has not found what it removes, which no GET looks at: its address can be wrong, or rights can be missing. */
  let isInVain = false
  for (const step of thing.remove) {
    last = await sendStep(step, before?.headers ?? {})
    if (last.status < 200 || (last.status >= 400 && last.status !== 404 && last.status !== 410)) {
      return unresolved(`${step.send} was answered with ${last.status}`, mayLackRights(last.status))
    }
    const isSeen = thing.remove.length === 1 || !step.send.startsWith('DELETE ') || step.send === `DELETE ${address}`
    isInVain ||= last.status >= 400 && !isSeen
  }
  const wasAccepted = last.status < 300
  if (address === undefined) {
    return wasAccepted || (thing.unannounced && last.status >= 400)
      ? { as: 'unverified' }
      : unresolved(
          `${lineOf(thing)} was answered with ${last.status}, and nothing shows whether it is gone; add \`gone\` to its rule`,
          mayLackRights(last.status),
        )
  }
  const after = await lookAfter(address)
  if (after.state === 'there') {
    const hint = 'if that counts as gone, as after a soft delete, add `gone` to its cleanup rule'
    return unresolved(
      `it still exists: ${lineOf(thing)} was answered with ${last.status}, and GET ${address} with ${after.status}; ${hint}`,
      mayLackRights(last.status),
    )
  }
  // Of what only the spec has seen, an empty list, or 404 to headers of a session that may have ended, shows nothing. The field
  // that marks a removed thing shows it.
  const wasSeen =
    before?.state === 'there' ||
    (thing.shown &&
      !lacksRights &&
      (after.isMarked || (after.status >= 400 && !thing.shownToOther && (wasAccepted || context.rights === undefined))))
  if (after.state === 'gone' && wasSeen) {
    removed.add(address)
    return { as: isInVain ? 'unverified' : 'removed' }
  }
  if (wasAccepted || (isKnownGone && last.status >= 400)) return { as: 'unverified' }
  if (last.status < 400) {
    return unresolved(
      `${lineOf(thing)} was answered with ${last.status} and GET ${address} with ${after.status}, which does not show whether it is gone`,
      mayLackRights(after.status),
    )
  }
  // The removal was registered before the creation: the thing may never have existed.
  if (thing.unannounced && !lacksRights) return { as: 'unverified' }
  const hint = thing.shown
    ? 'the session or token of the spec may have ended'
    : 'its address may be different, or rights may be missing'
  const reason = `it was ${thing.shown ? 'not found any more' : 'never found'}: GET ${address} was answered with ${before?.status} and ${lineOf(thing)} with ${last.status}; ${hint}`
  return { ...unresolved(reason, mayLackRights(before?.status) || mayLackRights(last.status)), neverSeen: true }

  /** Gets the thing before its removal, with the request's own authorization, or else with the environment's. */
  async function lookBefore(): Promise<Look | undefined> {
    if (address === undefined) return undefined
    const until = Math.min(Date.now() + patience, context.settleBy)
    for (let pause = 50; ; pause *= 2) {
      const own = await look(address)
      if (own.state === 'there') return own
      const given = rights
      for (const each of others) {
        rights = each
        const other = await look(address)
        if (other.state === 'there') return other
      }
      rights = given
      // An eventually consistent service shows it later.
      if (own.state === 'unclear' || isKnownGone || thing.unannounced || Date.now() + pause > until) return own
      await context.pause(pause)
    }
  }

  /** Gets the thing after its removal, until that has taken effect. */
  async function lookAfter(address: string): Promise<Look> {
    const until = Math.min(Date.now() + patience, context.settleBy)
    for (let pause = 50; ; pause *= 2) {
      const seen = await look(address)
      if (seen.state !== 'there' || Date.now() + pause > until) return seen
      await context.pause(pause)
    }
  }

  async function look(from: string): Promise<Look> {
    const { status, headers, body } = await ask({ method: 'GET', url: target.reveal(from) })
    const isMarked = status >= 200 && status < 300 && hasMark(body, thing.gone)
    return { state: isMarked ? 'gone' : stateOf(status, body, from), isMarked, status, headers }
  }

  async function sendStep(step: RemovalRequest, seen: Look['headers']): Promise<CleanupResponse> {
    const [method = '', url = ''] = step.send.split(' ')
    const header = { ...thing.headers, ...seen }
    const headers = Object.entries(step.headers ?? {}).flatMap(([name, text]): [string, string][] => {
      const value = renderText(text, { header })
      return value === undefined ? [] : [[name.toLowerCase(), target.reveal(value)]]
    })
    const request = {
      method,
      url: target.reveal(url),
      ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
      ...(step.body !== undefined && { body: revealed(step.body, target) }),
      ...(step.form && { form: revealed(step.form, target) as Record<string, string> }),
    }
    const answer = await ask(request)
    if (!mayLackRights(answer.status)) return answer
    const given = rights
    for (const each of others) {
      if (each === given) continue
      rights = each
      const other = await ask(request)
      rights = given
      if (other.status < 400) return other
    }
    return answer
  }

  /** Sends a request; on 429 and 503, waits for `Retry-After` and sends it again, until `settleBy`. */
  async function ask(request: Omit<CleanupRequest, 'replay' | 'rights'>): Promise<CleanupResponse> {
    for (;;) {
      const answer = await context.send({ ...request, ...(rights && { rights }) })
      if (answer.status !== 429 && answer.status !== 503) return answer
      const asked = Number(answer.headers['retry-after'])
      // A date and what is not valid, such as a negative number, count as a second.
      const pause = (asked > 0 ? asked : 1) * 1000
      if (Date.now() + pause > context.settleBy) return answer
      await context.pause(pause)
    }
  }
}

/** The status of a response of 2xx that shows a thing also when its removal has had time to take effect; else undefined. */
export async function statusIfLeft(
  address: string,
  get: () => Promise<CleanupResponse>,
  settleBy: number,
): Promise<number | undefined> {
  const until = Math.min(Date.now() + patience, settleBy)
  for (let pause = 50; ; pause *= 2) {
    const { status, body } = await get()
    if (stateOf(status, body, address) !== 'there') return undefined
    if (Date.now() + pause > until) return status
    await delay(pause)
  }
}

function unresolved(reason: string, mayLackRights: boolean): Extract<Removal, { as: 'unresolved' }> {
  return { as: 'unresolved', reason, mayLackRights }
}

/** Whether a service may respond with this status to a request without the necessary authorization. */
export function mayLackRights(status: number | undefined): boolean {
  return status === 401 || status === 403 || status === 404
}

function lineOf({ remove }: Thing): string {
  return remove.at(-1)?.send ?? ''
}

function hasMark(body: string, gone: GoneWhen | undefined): boolean {
  return gone?.field !== undefined && fits(memberAt(parsed(body), gone.field), gone.value)
}

function stateOf(status: number, body: string, address: string): Look['state'] {
  if (status === 404 || status === 410) return 'gone'
  if (status < 200 || status >= 300) return 'unclear'
  // A query responds with an empty list instead of 404.
  const found = parsed(body)
  const isEmpty = found === null || (Array.isArray(found) && found.length === 0)
  return isEmpty || (address.includes('?') && thingsIn(body)?.length === 0 && !isThingAt(body, address))
    ? 'gone'
    : 'there'
}

/** Whether an object with one list is the thing itself, and not a list of things: it has an identifier, or the last segment. */
function isThingAt(body: string, address: string): boolean {
  const last = decodedEnd(new URL(address).pathname)
  return Object.entries(withoutList(body) ?? {}).some(
    ([name, member]) => /^(?:_?id|[ug]uid)$/i.test(name) || (typeof member !== 'object' && String(member) === last),
  )
}

function decodedEnd(path: string): string {
  const segment = path.split('/').pop() ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function fits(member: unknown, value: GoneWhen['value']): boolean {
  return value === undefined ? Boolean(member) : member === value
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function revealed(value: unknown, target: ResolvedEnvironment): unknown {
  return JSON.parse(JSON.stringify(value), (_name, member) =>
    typeof member === 'string' ? target.reveal(member) : member,
  )
}
