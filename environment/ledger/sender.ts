/** Sends what settles the ledger: the same way at the end of a test and in a sweep. */
import type { APIRequestContext } from '@playwright/test'
import { startTrace } from '../contract/traceparent.ts'
import type { ResolvedEnvironment } from '../resolve-environment.ts'
import type { Send } from './send.ts'

/** How long one request may take, in milliseconds. */
const timeout = 10_000

/** `context` is made with the target's TLS options; it has no cookies and no headers of a spec. */
export function senderOf(context: APIRequestContext, target: ResolvedEnvironment): Send {
  const nextTraceparent = startTrace()
  return async ({ method, url, replay, rights, headers, body, form }) => {
    if (!target.owns(new URL(url))) {
      throw new Error(
        `${method} ${target.conceal(url)} was not sent: ${target.name} is at ${target.baseURL}; other origins of it belong into its origins`,
      )
    }
    const response = await context.fetch(url, {
      method,
      headers: {
        ...target.headers,
        ...(rights?.origin === new URL(url).origin && rights.headers),
        ...headers,
        'x-reprise-replay': replay,
        traceparent: nextTraceparent(),
      },
      ...(body !== undefined && { data: body }),
      ...(form && { form: { ...form } }),
      timeout,
      maxRedirects: 0,
    })
    const answer = { status: response.status(), headers: response.headers(), body: await response.text() }
    await response.dispose()
    return answer
  }
}
