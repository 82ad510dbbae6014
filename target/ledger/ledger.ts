/** What one attempt of a test creates: noted before it is sent, and removed again at the end. */
import { randomUUID } from 'node:crypto'
import type { LedgerSummary } from '../attempt-log.ts'
import { type CleanupPlan, render, type Values } from '../cleanup-rule.ts'
import type { Target } from '../target.ts'
import { type Answer, judge } from './answer.ts'
import type { Intent, LedgerEntry, LedgerStore, OpenIntent } from './entry.ts'
import { type Ending, finish, isGone, type Send } from './finish.ts'

/** A request that is about to be sent. */
export interface OutgoingRequest {
  method: string
  url: URL
  /** Its `traceparent`. */
  token: string
  /** In milliseconds. */
  timeoutMs: number
  /** As JSON or a form holds it; asked only when a rule fits. */
  body: () => unknown
}

const outOfTime: Ending = { as: 'unresolved', reason: 'there was no time left to remove it; `reprise sweep` does' }

export class Ledger {
  readonly #target: Target
  readonly #store: LedgerStore
  readonly #of: Pick<Intent, 'replay' | 'check'>
  /** In their order; an intent that has ended stays, with how. */
  readonly #intents = new Map<string, OpenIntent & { ending?: Ending }>()
  /** What nobody waits for until the end. */
  readonly #writing = new Set<Promise<void>>()

  constructor(target: Target, store: LedgerStore, of: Pick<Intent, 'replay' | 'check'>) {
    this.#target = target
    this.#store = store
    this.#of = of
  }

  /**
   * Notes what the request may create. Resolves with the function that takes its answer once that is stored; undefined if
   * the request creates nothing. Throws if it cannot be stored: then the request must not be sent.
   */
  intend(request: OutgoingRequest): Promise<(answer: Answer) => Promise<void>> | undefined {
    const rule = this.#ruleFor(request)
    if (!rule && (request.method === 'DELETE' || request.method === 'PATCH')) return undefined
    return this.#note(this.#intentOf(request, rule))
  }

  /** Notes that a line such as `DELETE /orders/7` removes something that is there. */
  async noteRemoval(method: string, url: URL, token: string): Promise<void> {
    const shown = this.#target.conceal(url.href)
    const intent = { ...this.#base(method, shown, token, 0), remove: `${method} ${shown}` }
    this.#intents.set(intent.id, { intent, created: intent.remove })
    await this.#store.append([
      { entry: 'intent', intent },
      { entry: 'created', id: intent.id, remove: intent.remove },
    ])
  }

  /** The spec itself may remove what it has created. */
  noticeRemoval(method: string, url: URL, status: number): void {
    if (!isGone(status)) return
    const line = `${method} ${this.#target.conceal(url.href)}`
    for (const open of this.#intents.values()) {
      if (open.created === line && !open.ending) this.#end(open, { as: 'removed' })
    }
  }

  /**
   * Removes what was created, last first, and tells how that went. `deadline` is in milliseconds since 1970. `waits`: for
   * requests that may still be at work.
   */
  async cleanUp(send: () => Promise<Send>, deadline: number, waits: boolean): Promise<LedgerSummary> {
    for (const open of [...this.#intents.values()].reverse()) {
      if (open.ending) continue
      const now = Date.now()
      const isLate = now > deadline
      this.#end(open, isLate ? outOfTime : await finish(open, this.#target, await send(), waits ? deadline : now))
    }
    await Promise.all(this.#writing)
    const endings = [...this.#intents.values()].flatMap(({ intent, ending }) => (ending ? [{ intent, ending }] : []))
    this.#intents.clear()
    return {
      removed: endings.filter(({ ending }) => ending.as === 'removed').length,
      neverCreated: endings.filter(({ ending }) => ending.as === 'never created').length,
      unresolved: endings.flatMap(({ intent: { method, url }, ending }) =>
        ending.as === 'unresolved' ? [{ method, url, reason: ending.reason }] : [],
      ),
    }
  }

  async #note(intent: Intent): Promise<(answer: Answer) => Promise<void>> {
    await this.#store.append([{ entry: 'intent', intent }])
    const open: OpenIntent = { intent }
    this.#intents.set(intent.id, open)
    return async answer => {
      const judgement = await judge(intent, answer, this.#target)
      if (judgement.is === 'never created') this.#end(open, { as: 'never created' })
      else if (judgement.is === 'unresolved') open.reason = this.#target.conceal(judgement.reason)
      else {
        open.created = judgement.remove
        this.#write({ entry: 'created', id: intent.id, remove: judgement.remove })
      }
    }
  }

  #end(open: OpenIntent & { ending?: Ending }, ending: Ending): void {
    open.ending = ending
    const { id } = open.intent
    if (ending.as === 'unresolved') this.#write({ entry: 'unresolved', id, reason: ending.reason })
    else this.#write({ entry: 'ended', id, as: ending.as })
  }

  // Whether it is lost or not, the next to come knows what to do.
  #write(entry: LedgerEntry): void {
    const writing = this.#store.append([entry]).catch(() => undefined)
    this.#writing.add(writing)
    writing.then(() => this.#writing.delete(writing))
  }

  #ruleFor({ method, url }: OutgoingRequest): { plan: CleanupPlan; path: Values } | undefined {
    if (!this.#target.owns(url)) return undefined
    for (const plan of this.#target.cleanup) {
      const path = plan.fits(method, url.pathname)
      if (path) return { plan, path }
    }
    return undefined
  }

  #intentOf(request: OutgoingRequest, rule: { plan: CleanupPlan; path: Values } | undefined): Intent {
    const { method, url, token, timeoutMs } = request
    const intent = this.#base(method, this.#target.conceal(url.href), token, timeoutMs)
    if (!rule) return intent
    const sources = { path: rule.path, request: request.body(), token }
    const remove = this.#lineOf(rule.plan.remove, sources, url)
    const find = rule.plan.find && this.#lineOf(rule.plan.find, sources, url)
    return {
      ...intent,
      ...(remove && { remove: remove.line }),
      ...(find && { find: find.line, findValues: find.values.map(this.#target.conceal) }),
    }
  }

  /** A line of a rule with the values that are known and an absolute URL; undefined if one is missing. */
  #lineOf(template: string, sources: Values, url: URL): { line: string; values: string[] } | undefined {
    const rendered = render(template, sources)
    if (rendered === undefined) return undefined
    const [method = '', path = ''] = rendered.text.split(' ')
    // Not by URL, which would encode the placeholders that are left.
    return { line: this.#target.conceal(`${method} ${url.origin}${path}`), values: rendered.values }
  }

  #base(method: string, url: string, token: string, timeoutMs: number): Intent {
    const at = new Date().toISOString()
    return { id: randomUUID(), at, environment: this.#target.name, ...this.#of, method, url, token, timeoutMs }
  }
}
