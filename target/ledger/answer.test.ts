import { expect, test } from '@playwright/test'
import { resolveTarget } from '../target.ts'
import { type Answer, judge } from './answer.ts'
import type { Intent } from './entry.ts'

const target = resolveTarget({ baseURL: 'https://api.example.com', name: 'production' }, {})
const url = 'https://api.example.com/orders'
const intent: Intent = {
  id: '1',
  at: '2026-01-01T00:00:00.000Z',
  environment: 'production',
  replay: 'r',
  method: 'POST',
  url,
  token: 't',
  timeoutMs: 1000,
}
const ruled = { ...intent, remove: `DELETE ${url}/{body.id}` }
const put = { ...intent, method: 'PUT', url: `${url}/7` }

function answered(status: number, location?: string, body?: unknown): Answer {
  return { status, location, body: async () => body }
}

const created = (remove: string) => ({ is: 'created', remove })
const neverCreated = { is: 'never created' }
const unresolved = (reason: string) => ({ is: 'unresolved', reason: expect.stringContaining(reason) })

for (const [what, of, answer, judgement] of [
  ['201 with Location', intent, answered(201, '/orders/7'), created(`DELETE ${url}/7`)],
  ['201 with a relative Location', put, answered(201, '8'), created(`DELETE ${url}/8`)],
  [
    '201 without Location',
    intent,
    answered(201),
    unresolved("{ create: 'POST /orders', remove: 'DELETE /orders/{body.id}' }"),
  ],
  [
    '201 with a Location elsewhere',
    intent,
    answered(201, 'http://10.0.0.1/orders/7'),
    unresolved('is not of production'),
  ],
  ['201 with a Location that is none', intent, answered(201, 'http://['), unresolved('is not of production')],
  ['201 to a PUT', put, answered(201), created(`DELETE ${url}/7`)],
  ['200 to a PUT', put, answered(200), neverCreated],
  ['202', intent, answered(202), unresolved('it was answered with 202')],
  ['200', intent, answered(200), neverCreated],
  ['204', intent, answered(204), neverCreated],
  ['303', intent, answered(303, '/orders/7'), neverCreated],
  ['400', intent, answered(400), neverCreated],
  ['409 where a rule fits', ruled, answered(409, undefined, { id: 7 }), neverCreated],
  ['500', intent, answered(500), unresolved('it was answered with 500')],
  ['200 where a rule fits', ruled, answered(200, undefined, { id: 7 }), created(`DELETE ${url}/7`)],
  ['201 where a rule fits and the body lacks it', ruled, answered(201, '/orders/9', {}), created(`DELETE ${url}/9`)],
  [
    '200 where a rule fits and the body lacks it',
    ruled,
    answered(200, undefined, {}),
    unresolved('lacks what {body.id} stands for'),
  ],
  ['no connection', intent, { error: 'connect ECONNREFUSED 127.0.0.1:1' }, neverCreated],
  ['no such host', intent, { error: 'getaddrinfo ENOTFOUND api.example.com' }, neverCreated],
  ['a certificate that nobody trusts', intent, { error: 'self-signed certificate' }, neverCreated],
  ['no connection of a page', intent, { error: 'net::ERR_CONNECTION_REFUSED' }, neverCreated],
  ['a reset', intent, { error: 'read ECONNRESET' }, unresolved('read ECONNRESET')],
  ['a timeout', intent, { error: 'Request timed out after 1000ms' }, unresolved('timed out')],
] satisfies [string, Intent, Answer, unknown][]) {
  test(`${what}: ${Object(judgement).is}`, async () => {
    expect(await judge(of, answer, target)).toEqual(judgement)
  })
}
