/** Judges the answer to a request that may create something: exactly what HTTP says, and no more. */
import { render } from '../cleanup-rule.ts'
import type { Target } from '../target.ts'
import type { Intent } from './entry.ts'

/** The answer, or why there is none. */
export type Answer =
  | { status: number; location: string | undefined; body: () => Promise<unknown> }
  /** Of Playwright, or of a browser. */
  | { error: string }

export type Judgement =
  | { is: 'created'; remove: string }
  | { is: 'never created' }
  | { is: 'unresolved'; reason: string }

/** `intent.remove` is that of the rule that fits, if one does. */
export async function judge(intent: Intent, answer: Answer, target: Target): Promise<Judgement> {
  if ('error' in answer) {
    return wasNotSent(answer.error) ? { is: 'never created' } : { is: 'unresolved', reason: answer.error }
  }
  const { status } = answer
  if (status >= 400 && status < 500) return { is: 'never created' }
  if (status >= 500) return { is: 'unresolved', reason: `it was answered with ${status}` }
  if (intent.remove !== undefined && status < 400) {
    const remove = render(intent.remove, { body: await answer.body().catch(() => undefined) })?.text
    if (remove !== undefined) return { is: 'created', remove }
    if (status !== 201)
      return { is: 'unresolved', reason: `the answer lacks what ${placeholdersOf(intent.remove)} stands for` }
  }
  if (status === 201) return created(intent, answer.location, target)
  if (status === 202 && intent.method === 'POST')
    return { is: 'unresolved', reason: `it was answered with 202, ${ruleToAdd(intent)}` }
  return { is: 'never created' }
}

function created({ method, url, ...intent }: Intent, location: string | undefined, target: Target): Judgement {
  if (location === undefined && method === 'PUT') return { is: 'created', remove: `DELETE ${url}` }
  if (location === undefined || location === '') {
    return {
      is: 'unresolved',
      reason: `it was answered with 201 and no Location, ${ruleToAdd({ method, url, ...intent })}`,
    }
  }
  const base = target.reveal(url)
  const place = URL.canParse(location, base) ? new URL(location, base) : undefined
  if (!place || !target.owns(place)) {
    return {
      is: 'unresolved',
      reason: `its Location ${target.conceal(location)} is not of ${target.name}; add its origin to the environment's origins, or a cleanup rule`,
    }
  }
  return { is: 'created', remove: `DELETE ${target.conceal(place.href)}` }
}

/** The rule that would tell how to remove it. */
function ruleToAdd({ method, url }: Pick<Intent, 'method' | 'url'>): string {
  const path = /^https?:\/\/[^/]+([^?#]*)/.exec(url)?.[1] || '/'
  return `so that a cleanup rule has to say how to remove it, such as { create: '${method} ${path}', remove: 'DELETE ${path.replace(/\/$/, '')}/{body.id}' }`
}

function placeholdersOf(remove: string): string {
  return [...remove.matchAll(/\{body\.[^{}]*\}/g)].join(' and ') || remove
}

/** Whether the request failed before a byte of it was sent: no connection, or none that could be trusted. */
function wasNotSent(error: string): boolean {
  return notSent.some(pattern => pattern.test(error))
}

const notSent = [
  /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/,
  // Node's words for a certificate that it does not trust.
  /\b(self[- ]signed certificate|unable to (verify the first certificate|get (local )?issuer certificate)|certificate has expired|certificate is not yet valid)\b/,
  /Hostname\/IP does not match certificate's altnames/,
  /net::ERR_(CONNECTION_REFUSED|NAME_NOT_RESOLVED|ADDRESS_UNREACHABLE|INTERNET_DISCONNECTED|CERT_\w+|BLOCKED_BY_CLIENT)/,
]
