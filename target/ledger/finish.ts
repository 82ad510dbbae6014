/** Brings an intent to its end: removes what was created, and finds out first whether it was, as far as anybody can. */
import { setTimeout as delay } from 'node:timers/promises'
import { render } from '../cleanup-rule.ts'
import type { Target } from '../target.ts'
import type { OpenIntent } from './entry.ts'

const cannotTell = ', and no cleanup rule with `find` can tell whether it was created'

/** Sends a request of a replay to the environment, with its headers and without following redirects. Throws if there is no answer. */
export type Send = (method: string, url: string, replay: string) => Promise<{ status: number; body: string }>

export type Ending =
  | { as: 'removed' }
  | { as: 'never created' }
  /** `isEarly`: the request may still be at work; later more can be known. */
  | { as: 'unresolved'; reason: string; isEarly?: true }

/** `deadline` limits how long it waits for a request that may still be at work, in milliseconds since 1970. */
export async function finish(open: OpenIntent, target: Target, send: Send, deadline: number): Promise<Ending> {
  const { intent, created, reason } = open
  const ask = (method: string, url: string) => send(method, target.reveal(url), intent.replay)
  const why = reason ?? 'its answer did not arrive'
  try {
    if (created !== undefined) return await remove(created)
    const over = Date.parse(intent.at) + intent.timeoutMs
    if (intent.find !== undefined) {
      const early = await find()
      if (early !== undefined) return early
      if (!(await isOver(over, deadline))) return tooEarly(why)
      return (await find()) ?? { as: 'never created' }
    }
    if (intent.remove === undefined || intent.remove.includes('{')) {
      // An earlier sweep has said so already.
      return { as: 'unresolved', reason: why.endsWith(cannotTell) ? why : `${why}${cannotTell}` }
    }
    if (!(await isOver(over, deadline))) return tooEarly(why)
    return await remove(intent.remove)
  } catch (error) {
    return { as: 'unresolved', reason: target.conceal(firstLine(error)) }
  }

  async function remove(line: string): Promise<Ending> {
    const [method = '', url = ''] = line.split(' ')
    const { status } = await ask(method, url)
    if (isGone(status)) return { as: 'removed' }
    return { as: 'unresolved', reason: `${line} was answered with ${status}` }
  }

  /** Removes what is found. Undefined if there is nothing. */
  async function find(): Promise<Ending | undefined> {
    const [method = '', url = ''] = (intent.find ?? '').split(' ')
    const { status, body } = await ask(method, url)
    if (status === 404) return undefined
    const unclear = (what: string): Ending => ({ as: 'unresolved', reason: `${why}, and ${intent.find} ${what}` })
    if (status < 200 || status >= 300) return unclear(`was answered with ${status}`)
    const things = thingsIn(body)
    if (!things) return unclear('was answered with no JSON')
    if (things.length === 0) return undefined
    // Removing what others have created would be worse than a leak.
    if (things.length > 1) return unclear(`found ${things.length} things; it has to find one at most`)
    const values = (intent.findValues ?? []).map(target.reveal)
    if (values.length > 0 && !values.some(value => holds(things[0], value))) {
      return unclear(
        `found something that does not hold ${intent.findValues?.join(' or ')}: does the service heed what it is asked for?`,
      )
    }
    const line = render(intent.remove ?? '', { body: things[0] })?.text
    return line ? remove(line) : unclear('found something that lacks what its rule needs to remove it')
  }
}

/** Whether the answer to a removal says that the thing is no more. */
export function isGone(status: number): boolean {
  return (status >= 200 && status < 300) || status === 404 || status === 410
}

/** Whether the time has come; waits for it if that is before the deadline. */
async function isOver(over: number, deadline: number): Promise<boolean> {
  if (over > deadline) return false
  await delay(Math.max(over - Date.now(), 0))
  return true
}

function tooEarly(why: string): Ending {
  const reason = `${why}, and it may still be at work; \`reprise sweep\` looks again`
  return { as: 'unresolved', reason, isEarly: true }
}

/** A thing, a list, or an object that holds one list; undefined for what is no JSON. */
function thingsIn(body: string): unknown[] | undefined {
  let found: unknown
  try {
    found = JSON.parse(body)
  } catch {
    return undefined
  }
  if (Array.isArray(found)) return found
  if (typeof found !== 'object' || found === null) return []
  const lists = Object.values(found).filter(Array.isArray)
  return lists.length === 1 ? lists[0] : [found]
}

function holds(thing: unknown, value: string): boolean {
  const text = JSON.stringify(value).slice(1, -1).toLowerCase()
  return JSON.stringify(thing).toLowerCase().includes(text)
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line
}
