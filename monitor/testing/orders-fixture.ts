/** A target on which specs create things: a table of orders over HTTP. */
import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { json } from 'node:stream/consumers'

export function orders() {
  const rows = new Map<string, unknown>()
  const replays: string[] = []
  const target = {
    rule: { create: 'POST /orders', remove: 'DELETE /orders/{body.id}', find: 'GET /orders?ref={request.ref}' },
    rows,
    /** The replays whose spec has reached it, in order. */
    replays,
    created: 0,
    /** Orders with these names are rejected. */
    brokenFor: [] as string[],
    onRequest: (): unknown => undefined,
    listener: (async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://target')
      const answer = (status: number, content: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
      if (request.method === 'POST') replays.push(String(request.headers['x-reprise-replay']))
      const body = request.method === 'POST' ? await json(request).catch(() => undefined) : undefined
      target.onRequest()
      const ref = searchParams.get('ref')
      const id = pathname.split('/')[2]
      if (request.method === 'GET' && id) answer(rows.has(id) ? 200 : 404, rows.get(id) ?? {})
      else if (request.method === 'GET')
        answer(200, { orders: [...rows.values()].filter(row => Object(row).ref === ref) })
      else if (request.method === 'DELETE') answer(rows.delete(id ?? '') ? 200 : 404, {})
      else if (body === undefined || target.brokenFor.includes(Object(body).name)) answer(422, {})
      else {
        const created = randomUUID()
        rows.set(created, { ...Object(body), id: created })
        target.created++
        // So that a process can be killed before the response.
        setTimeout(() => answer(201, { id: created }), Math.random() * 30)
      }
    }) satisfies RequestListener,
  }
  return target
}
