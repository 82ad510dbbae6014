/** Sends the requests of the clean-up, at the end of a test as in a sweep. */
import type { APIRequestContext } from '@playwright/test'
import { startTrace } from '../contract/traceparent.ts'
import type { ResolvedEnvironment } from '../resolve-environment.ts'
import type { Send } from './send.ts'

/** The time limit of one request, in milliseconds. */
const timeout = 10_000

/** @param context Created with the environment's TLS options, without cookies and headers of a spec. */
export function senderOf(context: APIRequestContext, target: ResolvedEnvironment): Send {
  const nextTraceparent = startTrace()
  return async ({ method, url, replay, rights, headers, body, form }) => {
    if (!target.owns(new URL(url))) {
      throw new Error(
        `${method} ${target.conceal(url)} was not sent: ${target.name} is at ${target.baseURL}; add its other origins to \`origins\``,
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
