/** Records what one attempt of a test creates, before each request is sent, and removes it at the end. */
import { randomUUID } from 'node:crypto'
import type { LedgerSummary } from '../contract/attempt-log.ts'
import type { ResolvedEnvironment } from '../resolve-environment.ts'
import { type Judgement, judge, type RequestResult } from './answer.ts'
import type { CleanupPlan } from './cleanup-rule.ts'
import {
  type Intent,
  type IntentRule,
  type LedgerEntry,
  type LedgerStore,
  type OpenIntent,
  seenAt,
  type Thing,
} from './entry.ts'
import { causeOf, type Ending, endingEntry, finish } from './finish.ts'
import { addressOf, trimmedEnd } from './path-pattern.ts'
import { placeholdersOf, renderAddress, type Values } from './placeholders.ts'
import { removesByPath } from './removal-options.ts'
import { statusIfLeft } from './remove-thing.ts'
import { RemovedAddresses } from './removed-addresses.ts'
import { routeOf } from './route.ts'
import { areSame, type Rights, type Send, sessionOf } from './send.ts'
import { renderRequest } from './thing.ts'

/** A request that is about to be sent. */
export interface OutgoingRequest {
  method: string
  url: URL
  /** Its `traceparent`. */
  token: string
  /** In milliseconds. */
  timeoutMs: number
  /** The parsed JSON or form; called only if a rule matches the method and path. */
  body: () => unknown
  /** Its own headers for authorization, beside the environment's headers. */
  rights?: Rights | undefined
}

/** How long the removals of one attempt may wait until changes are visible, in milliseconds. */
const settlePatience = 10_000

type Noted = OpenIntent & {
  ending?: Ending
  rights?: Rights
  /** The authorization of the client with the cookies that the response has set. */
  session?: Rights
  suspicion?: { reason: string; addresses: string[]; isRemark?: true }
}

const outOfTime = {
  as: 'unresolved' as const,
  reason: 'the time for the clean-up was over; `reprise sweep` removes it',
}

export class Ledger {
  readonly #target: ResolvedEnvironment
  readonly #store: LedgerStore
  readonly #of: Pick<Intent, 'replay' | 'check'>
  /** In the order in which they were recorded, including those that have ended. */
  readonly #intents = new Map<string, Noted>()
  readonly #removed = new RemovedAddresses()
  /** The addresses that the spec itself has removed, without the query. */
  readonly #removedBySpec = new Set<string>()
  readonly #fitted = new Set<string>()
  /** Of the last request that may create something: as a rule, a removal that the spec registers is of what it created. */
  #lastRights: Rights | undefined
  /** Writes, and looks at responses, that are awaited only at the end. */
  readonly #writing = new Set<Promise<void>>()

  constructor(target: ResolvedEnvironment, store: LedgerStore, of: Pick<Intent, 'replay' | 'check'>) {
    this.#target = target
    this.#store = store
    this.#of = of
  }

  /**
   * Records what the request may create. Resolves with the function for its response once that is stored; undefined if
   * the request creates nothing. Throws if it cannot be stored: then the request must not be sent.
   */
  recordIntent(request: OutgoingRequest): Promise<(answer: RequestResult) => Promise<void>> | undefined {
    const rule = this.#ruleFor(request)
    if (!rule && (request.method === 'DELETE' || request.method === 'PATCH')) return undefined
    return this.#note(this.#intentOf(request, rule), request.rights)
  }

  /** Records that something that exists is to be removed at the end, such as by `DELETE /orders/7`. */
  async planRemoval(method: string, url: URL, token: string): Promise<void> {
    const shown = this.#target.conceal(url.href)
    const names = Object.keys(this.#lastRights?.headers ?? {})
    const intent = { ...this.#base(method, shown, token, 0), ...(names.length > 0 && { rights: names }) }
    const things: Thing[] = [{ remove: [{ send: `${method} ${shown}` }], unannounced: true }]
    this.#intents.set(intent.id, { intent, things, ...(this.#lastRights && { rights: this.#lastRights }) })
    await this.#store.append([
      { entry: 'intent', intent },
      { entry: 'created', id: intent.id, things },
    ])
  }

  /**
   * Updates what is known of the things by the response to a GET or DELETE of the spec. `rightsOf` returns the request's own headers
   * for authorization; called only for a GET of something that the spec has created.
   */
  observeResponse(
    method: string,
    url: URL,
    status: number,
    rightsOf: () => Promise<Rights | undefined> = async () => undefined,
  ): void {
    const isRemoval = method === 'DELETE' && (isSuccess(status) || status === 303)
    if (method === 'GET' && (isSuccess(status) || status === 404 || status === 410))
      this.#observeGet(url, status, rightsOf)
    if (!isRemoval) return
    const address = this.#target.conceal(url.href)
    this.#removed.add(address)
    // A query may say how to remove, as ?force=true; another one may remove only a part.
    const own = new Set([address, ...(removesByPath(url) ? [address.replace(/\?.*/, '')] : [])].map(trimmedEnd))
    for (const each of own) this.#removedBySpec.add(each)
    for (const open of this.#intents.values()) {
      if (open.ending || !open.things) continue
      const things = open.things.map((thing): Thing => {
        const place = seenAt(thing)
        if (place === undefined || thing.seen) return thing
        return own.has(trimmedEnd(place)) || this.#removed.has(place) ? { ...thing, seen: true } : thing
      })
      const isNews = things.some((thing, n) => thing !== open.things?.[n])
      open.things = things
      if (isNews) this.#write({ entry: 'created', id: open.intent.id, things })
    }
  }

  #observeGet(url: URL, status: number, rightsOf: () => Promise<Rights | undefined>): void {
    const address = this.#target.conceal(url.href)
    // A query may say how much to show; without one, the response is about the thing itself.
    const own = new Set([address, ...(isSuccess(status) ? [address.replace(/\?.*/, '')] : [])].map(trimmedEnd))
    const isAt = (thing: Thing) => own.has(trimmedEnd(seenAt(thing) ?? ''))
    for (const open of this.#intents.values()) {
      const at = open.ending ? undefined : open.things?.find(isAt)
      const isAll = open.things?.length === 1 && at?.remove.length === 1
      if (!at || (isSuccess(status) ? at.seen || at.shown : !at.seen || !isAll)) continue
      const observed = rightsOf()
        .then(rights => areSame(rights, open.rights) || (open.session !== undefined && areSame(rights, open.session)))
        .catch(() => false)
        .then(isSame => {
          if (!isSuccess(status)) {
            // The spec has removed it, and has seen that. What is at the address from now on has been created by others.
            if (isSame && !open.ending) this.#end(open, { as: 'removed', count: 1 })
          } else {
            const shown = { shown: true as const, ...(!isSame && { shownToOther: true as const }) }
            // Not stored: sweeps do not use it.
            open.things = open.things?.map(thing => (isAt(thing) ? { ...thing, ...shown } : thing)) ?? []
          }
        })
      this.#await(observed)
    }
  }

  /** Which rules have matched a request until now, and the routes of the requests that none matched. */
  get fit(): Pick<LedgerSummary, 'fitted' | 'unfitted'> {
    return { fitted: [...this.#fitted], unfitted: unfittedIn([...this.#intents.values()], this.#target) }
  }

  /**
   * Removes what was created, last first, and returns the result. `deadline` is in milliseconds since 1970. `waits`: whether to
   * wait for requests that may still be in progress. `isShown`: whether a test shows the result.
   */
  async cleanUp(send: () => Promise<Send>, deadline: number, waits: boolean, isShown = true): Promise<LedgerSummary> {
    await Promise.all(this.#writing)
    const settleBy = Math.min(Date.now() + settlePatience, deadline)
    for (const open of [...this.#intents.values()].reverse()) {
      if (open.ending) continue
      // Judged below, when all removals are known.
      if (open.suspicion) continue
      const now = Date.now()
      if (now > deadline) {
        this.#end(open, { ...outOfTime, cause: causeOf(open) })
        continue
      }
      const rights = open.rights ?? (open.things?.some(({ unannounced }) => unannounced) ? this.#lastRights : undefined)
      const context = {
        target: this.#target,
        send: await send(),
        removed: this.#removed,
        ...(rights && { rights }),
        ...(open.session && { session: open.session }),
        note: (things: Thing[]) =>
          this.#store.append([{ entry: 'created', id: open.intent.id, things }]).catch(() => undefined),
      }
      this.#end(open, await finish(open, context, { deadline: waits ? deadline : now, settleBy }))
    }
    const noted = [...this.#intents.values()]
    // Not a leak if the spec itself removed it.
    for (const open of noted) {
      const { addresses = [] } = open.suspicion ?? {}
      const isRemoved = (address: string) => this.#removed.has(address) || this.#removedBySpec.has(trimmedEnd(address))
      if (addresses.length === 0 || !addresses.every(isRemoved)) continue
      const left = Date.now() > deadline ? undefined : await this.#leftOf(open, addresses, await send(), settleBy)
      if (left === undefined) delete open.suspicion
      else if (open.suspicion) open.suspicion.reason += `; ${left}`
    }
    for (const open of noted) if (!open.ending) this.#endUnruled(open, isShown)
    await Promise.all(this.#writing)
    this.#intents.clear()
    return summaryOf(noted, [...this.#fitted], this.#target)
  }

  /** Of what the spec has removed: why it still exists, if a GET shows that. */
  async #leftOf(
    { intent: { replay }, rights }: Noted,
    addresses: readonly string[],
    send: Send,
    settleBy: number,
  ): Promise<string | undefined> {
    for (const address of addresses) {
      const get = { method: 'GET', url: this.#target.reveal(address), replay, ...(rights && { rights }) }
      // Without a response, the removal by the spec counts.
      const status = await statusIfLeft(address, () => send(get), settleBy).catch(() => undefined)
      if (status !== undefined) {
        return `the spec has sent its removal, but it still exists: GET ${address} was answered with ${status}`
      }
    }
    return undefined
  }

  async #note(intent: Intent, rights: Rights | undefined): Promise<(answer: RequestResult) => Promise<void>> {
    await this.#store.append([{ entry: 'intent', intent }])
    const open: Noted = { intent, ...(rights && { rights }) }
    this.#lastRights = rights ?? this.#lastRights
    this.#intents.set(intent.id, open)
    return async answer => {
      const judgement = await judge(intent, answer, this.#target).catch(
        (error: Error): Judgement => ({
          is: 'unresolved',
          reason: `its response could not be evaluated: ${error.message}`,
        }),
      )
      if (judgement.is === 'unresolved') open.reason = this.#target.conceal(judgement.reason)
      else if (judgement.is === 'created') {
        open.things = judgement.things
        if ('headers' in answer) {
          const session = sessionOf(
            new URL(this.#target.reveal(intent.url)).origin,
            answer.headers['set-cookie'],
            rights,
          )
          if (session) open.session = session
        }
        this.#write({ entry: 'created', id: intent.id, things: judgement.things })
      } else {
        // Stored, so that a sweep reports it if this process is killed first.
        if (judgement.is === 'suspected') {
          open.suspicion = { ...judgement, reason: this.#target.conceal(judgement.reason) }
          this.#write({ entry: 'unresolved', id: intent.id, reason: open.suspicion.reason })
        } else this.#end(open, { as: 'never created' })
      }
    }
  }

  #end(open: Noted, ending: Ending): void {
    open.ending = ending
    this.#write(endingEntry(open.intent.id, ending))
  }

  /** Ends an intent without a rule; `open.suspicion` is left if it was answered like a creation. */
  #endUnruled(open: Noted, isShown: boolean): void {
    const { id, method, url } = open.intent
    const { reason, isRemark } = open.suspicion ?? { isRemark: true }
    const unruled = reason === undefined || isRemark ? undefined : { route: routeAt(this.#target, method, url), reason }
    open.ending = { as: 'never created' }
    const about = unruled && { unruled, ...(!isShown && { isUnshown: true as const }) }
    this.#write({ entry: 'ended', id, as: 'never created', ...about })
  }

  // May fail: the entries that are stored already are enough for a sweep.
  #write(entry: LedgerEntry): void {
    this.#await(this.#store.append([entry]).catch(() => undefined))
  }

  #await(working: Promise<void>): void {
    this.#writing.add(working)
    working.then(() => this.#writing.delete(working))
  }

  #ruleFor({ method, url, body }: OutgoingRequest): { plan: CleanupPlan; path: Values } | undefined {
    if (!this.#target.owns(url)) return undefined
    for (const plan of this.#target.cleanup) {
      const path = plan.fits(method, url, this.#target.baseURL, body)
      if (path) return { plan, path }
    }
    return undefined
  }

  #intentOf(request: OutgoingRequest, rule: { plan: CleanupPlan; path: Values } | undefined): Intent {
    const { method, url, token, timeoutMs, rights } = request
    const names = Object.keys(rights?.headers ?? {})
    const intent = {
      ...this.#base(method, this.#target.conceal(url.href), token, timeoutMs),
      ...(names.length > 0 && { rights: names }),
    }
    if (!rule) return intent
    this.#fitted.add(rule.plan.name)
    const ruled = this.#ruleOf(rule.plan, { path: rule.path, request: request.body(), token }, url)
    return ruled ? { ...intent, rule: ruled } : { ...intent, lacking: lackingOf(rule.plan) }
  }

  /** The rule with the known values and absolute URLs; undefined if a value is missing. */
  #ruleOf(plan: CleanupPlan, sources: Values, url: URL): IntentRule | undefined {
    const { conceal, baseURL } = this.#target
    const absolute = (line: string) => {
      const [method = '', path = ''] = line.split(' ')
      return path.startsWith('{location}') ? line : `${method} ${addressOf(path, url, baseURL)}`
    }
    const remove = plan.remove.map(step => renderRequest(step, sources, sources, conceal))
    const get = plan.gone?.get === undefined ? undefined : renderAddress(plan.gone.get, sources)?.text
    if (!remove.every(step => step !== undefined) || (plan.gone?.get !== undefined && get === undefined))
      return undefined
    const find = plan.find === undefined ? undefined : renderAddress(plan.find, sources)
    return {
      remove: remove.map(step => ({ ...step, send: absolute(step.send) })),
      ...(plan.each !== undefined && { each: plan.each }),
      ...(plan.gone && { gone: { ...plan.gone, ...(get !== undefined && { get: conceal(absolute(get)) }) } }),
      ...(find && { find: conceal(absolute(find.text)), findValues: find.values.map(conceal) }),
    }
  }

  #base(method: string, url: string, token: string, timeoutMs: number): Intent {
    const at = new Date().toISOString()
    return { id: randomUUID(), at, environment: this.#target.name, ...this.#of, method, url, token, timeoutMs }
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** The placeholders of a rule for values of the request. */
function lackingOf({ remove, find, gone }: CleanupPlan): string {
  const all = [...placeholdersOf(JSON.stringify([remove, gone])), ...placeholdersOf(find ?? '')]
  return [...new Set(all.filter(inner => inner.startsWith('request')))].map(inner => `{${inner}}`).join(' and ')
}

function summaryOf(noted: readonly Noted[], fitted: string[], target: ResolvedEnvironment): LedgerSummary {
  const count = (as: 'removed' | 'unverified') =>
    noted.reduce((sum, { ending }) => sum + (ending?.as === as ? ending.count : 0), 0)
  return {
    removed: count('removed'),
    unverified: count('unverified'),
    neverCreated: noted.filter(({ ending, suspicion }) => ending?.as === 'never created' && !suspicion).length,
    unresolved: noted.flatMap(({ intent: { method, url }, ending }) =>
      ending?.as === 'unresolved' ? [{ method, url, reason: ending.reason }] : [],
    ),
    suspected: noted.flatMap(({ intent: { method, url }, suspicion }) =>
      suspicion
        ? [
            {
              method,
              url,
              route: routeAt(target, method, url),
              reason: suspicion.reason,
              ...(suspicion.isRemark && { isRemark: true as const }),
            },
          ]
        : [],
    ),
    fitted,
    unfitted: unfittedIn(noted, target),
  }
}

function unfittedIn(noted: readonly Noted[], target: ResolvedEnvironment): string[] {
  return noted.flatMap(({ intent: { method, url, rule, lacking }, things }) =>
    rule || lacking || things?.some(({ unannounced }) => unannounced) ? [] : [routeAt(target, method, url)],
  )
}

/** `POST /carts/{cart}/items` */
function routeAt({ conceal, reveal }: ResolvedEnvironment, method: string, url: string): string {
  return `${method} ${routeOf(conceal(new URL(reveal(url)).pathname)).create}`
}
