import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { resolveEnvironment } from '../resolve-environment.ts'
import { judge, type RequestResult } from './answer.ts'
import type { Intent } from './entry.ts'

const target = resolveEnvironment({ baseURL: 'https://api.example.com', name: 'production' }, {})
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
const ruled = { ...intent, rule: { remove: [{ send: `DELETE ${url}/{body.id}` }] } }
const put = { ...intent, method: 'PUT', url: `${url}/7` }
const ruledPut = { ...put, rule: { remove: [{ send: `DELETE ${url}/7` }] } }

function answered(status: number, location?: string, body?: unknown): RequestResult {
  return { status, headers: location === undefined ? {} : { location }, body: async () => body }
}

const created = (...removals: string[]) => ({ is: 'created', things: removals.map(send => ({ remove: [{ send }] })) })
const suspected = (...reasons: string[]) => ({
  is: 'suspected',
  reason: expect.stringContaining(reasons.join('')),
  addresses: expect.any(Array),
})
const neverCreated = { is: 'never created' }
const unresolved = (reason: string) => ({ is: 'unresolved', reason: expect.stringContaining(reason) })

const responses = [
  ['201 with Location', intent, answered(201, '/orders/7'), created(`DELETE ${url}/7`)],
  ['201 with a relative Location', intent, answered(201, 'orders/8'), created(`DELETE ${url}/8`)],
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
    unresolved('is not an address of production'),
  ],
  ['201 with an invalid Location', intent, answered(201, 'http://['), unresolved('which is not a valid URL')],
  // Many services answer each PUT with 201, also that of an older resource.
  [
    '201 to a PUT',
    put,
    answered(201, undefined, { id: 7 }),
    unresolved("{ create: 'PUT /orders/{order}', remove: 'DELETE /orders/{path.order}' }"),
  ],
  [
    '201 to a PUT of a name',
    { ...put, url: `${url}/mine` },
    answered(201),
    unresolved("{ create: 'PUT /orders/{order}', remove: 'DELETE /orders/{path.order}' }"),
  ],
  // A rule for these would remove a whole collection.
  ...[`${url}?upsert=1`, url, 'https://api.example.com/', `${url}/7?version=2`].map(
    (of): [string, Intent, RequestResult, unknown] => [
      `201 to a PUT of ${new URL(of).pathname}${new URL(of).search}`,
      { ...put, url: of },
      answered(201),
      unresolved("nothing was removed; remove it in the spec, with `await cleanup('DELETE ...')`"),
    ],
  ),
  [
    '201 to a PUT of a collection, with an id',
    { ...put, url: `${url}?upsert=1` },
    answered(201, undefined, { id: 7 }),
    unresolved("{ create: 'PUT /orders', remove: 'DELETE /orders/{body.id}' }"),
  ],
  [
    '201 to a PUT of a name with a query, with an id',
    { ...put, url: `${url}/7?version=2` },
    answered(201, undefined, { id: 7 }),
    unresolved('remove it in the spec'),
  ],
  [
    '201 to a PUT, with the condition',
    put,
    answered(201),
    unresolved('add a cleanup rule only if the specs put to names of their own (`unique`), such as {'),
  ],
  ['201 to a PUT where a rule fits', ruledPut, answered(201), created(`DELETE ${url}/7`)],
  ...[200, 202, 204].map((status): [string, Intent, RequestResult, unknown] => [
    `${status} to a PUT where a rule fits`,
    ruledPut,
    answered(status, undefined, { id: 7 }),
    neverCreated,
  ]),
  ...['/orders/7', 'https://10.0.0.1/orders/7/', '7'].map((location): [string, Intent, RequestResult, unknown] => [
    `201 to a PUT with its own address, ${location}`,
    put,
    answered(201, location, { id: 7 }),
    unresolved("such as { create: 'PUT /orders/{order}', remove: 'DELETE /orders/{path.order}' }"),
  ]),
  ['200 to a PUT', put, answered(200), neverCreated],
  ['202', intent, answered(202), suspected('with 202; if it creates, add this rule: {')],
  ['200', intent, answered(200), neverCreated],
  ...(
    [
      [
        'application/json',
        { ...suspected(`with 200 and JSON that could not be read; if it creates, add this rule: {`), isRemark: true },
      ],
      ['text/html', neverCreated],
    ] as const
  ).map(([type, judgement]): [string, Intent, RequestResult, unknown] => [
    `200 with ${type} that a browser has dropped`,
    intent,
    {
      status: 200,
      headers: { 'content-type': type },
      body: () => Promise.reject(new Error('No resource with given identifier')),
    },
    judgement,
  ]),
  ['204', intent, answered(204), neverCreated],
  [
    '303',
    intent,
    answered(303, '/orders/7'),
    suspected("with 303; if it creates, add this rule: { create: 'POST /orders', remove: 'DELETE {location}' }"),
  ],
  ['302 to what may have been created', intent, answered(302, '/orders/7'), suspected('with 302')],
  // As Flask, Django, Rails and Express answer a form, a login as well.
  ...(
    [
      [302, '/orders'],
      [302, '/login'],
      [303, '/orders'],
      [302, '/archive/7'],
      [302, undefined],
    ] as const
  ).map(([status, location]): [string, Intent, RequestResult, unknown] => [
    `${status} to ${location}, which no rule by Location confirms`,
    intent,
    answered(status, location),
    {
      ...suspected(
        `with ${status}; if it only reads, such as a login, add 'POST /orders' to the environment's reads; `,
        "if it creates, remove it in the spec, with `await cleanup('DELETE ...')`, or add a rule with find, such as ",
        "{ create: 'POST /orders', remove: 'DELETE .../{body.id}', find: 'GET ...?name={request.name}' }",
      ),
      isRemark: true,
    },
  ]),
  ['302 to the same path with a slash', intent, answered(302, '/orders/'), neverCreated],
  ['302 to the same path at another origin', intent, answered(302, 'https://www.example.com/orders'), neverCreated],
  ['301', intent, answered(301, '/orders'), neverCreated],
  [
    '200 with a Location',
    intent,
    answered(200, '/orders/7'),
    suspected(
      "with 200 and a Location; if it creates, add this rule: { create: 'POST /orders', remove: 'DELETE {location}' }",
    ),
  ],
  ['204 with a Location', intent, answered(204, '/orders/7'), suspected('with 204 and a Location')],
  ['200 with a Location elsewhere', intent, answered(200, '/login'), neverCreated],
  // As OData answers with `Prefer: return=minimal`.
  [
    '204 with OData-EntityId',
    intent,
    { ...answered(204), headers: { location: `${url}(7)`, 'odata-entityid': `${url}(7)` } },
    suspected(
      "with 204 and OData-EntityId; if it creates, add this rule: { create: 'POST /orders', remove: 'DELETE {location}' }",
    ),
  ],
  [
    '201 with the address of an OData entity',
    intent,
    answered(201, '/orders(7)', { ID: 7 }),
    unresolved("such as { create: 'POST /orders', remove: 'DELETE {location}' }"),
  ],
  ...['ORDER_ID', 'order-id', 'Order_Id'].map((name): [string, Intent, RequestResult, unknown] => [
    `200 with ${name}`,
    intent,
    answered(200, undefined, { [name]: 7 }),
    suspected(`the field ${name}; if it creates, add this rule`),
  ]),
  [
    '200 with a list of things',
    intent,
    answered(200, undefined, { data: { items: [{ id: 7 }, { id: 8 }] } }),
    suspected(
      "the field data.items.0.id; if it creates, add this rule: { create: 'POST /orders', each: 'body.data.items', remove: 'DELETE /orders/{each.id}' }",
    ),
  ],
  ['200 with nothing but a list', intent, answered(200, undefined, [{ id: 7 }]), suspected("each: 'body', remove")],
  ['200 with a list of nothing', intent, answered(200, undefined, { items: [] }), neverCreated],
  [
    '200 with an id',
    intent,
    answered(200, undefined, { booking: { bookingid: 7 } }),
    suspected("remove: 'DELETE /orders/{body.booking.bookingid}'"),
  ],
  ['200 to a PUT with an id', put, answered(200, undefined, { id: 7 }), neverCreated],
  [
    '200 with nothing that is an id',
    intent,
    answered(200, undefined, { token: 'x', valid: true, paid: 1 }),
    neverCreated,
  ],
  ['400', intent, answered(400), neverCreated],
  ['409 where a rule fits', ruled, answered(409, undefined, { id: 7 }), neverCreated],
  ['500', intent, answered(500), unresolved('it was answered with 500')],
  ['200 where a rule fits', ruled, answered(200, undefined, { id: 7 }), created(`DELETE ${url}/7`)],
  ['201 where a rule fits and the body lacks it', ruled, answered(201, '/orders/9', {}), created(`DELETE ${url}/9`)],
  ...(
    [
      [
        'the parent',
        '/carts/1',
        "{ create: 'POST /carts/{cart}/items', remove: 'DELETE /carts/{path.cart}/items/{body.id}' }",
      ],
      ['the collection', '/carts/1/items', 'may be the address of something that existed before'],
      ['the root', '/', 'is not one segment below /carts/1/items'],
      ['a folder above', '../../', 'is not one segment below'],
      ['a query', '?all=true', 'is not one segment below'],
      ['a query below', '/carts/1/items/7?all=true', 'is not one segment below'],
      ['everything', '/admin/everything', "remove: 'DELETE /carts/{path.cart}/items/{body.id}'"],
      ['two segments below', '/carts/1/items/7/lines', 'is not one segment below'],
      ['a slash in disguise', '/carts/1/items/..%2f..%2f..%2fusers', 'is not one segment below'],
      ['an identifier with a fragment', '/carts/1/items/report#1', 'may be the address of something else'],
      ['an identifier with dots', '/carts/1/items/x/../report', 'may be the address of something else'],
      ['an identifier with encoded dots', '/carts/1/items/x/%2E%2E/report', 'may be the address of something else'],
      ['an identifier with a backslash', '/carts/1/items/x\\..\\report', 'may be the address of something else'],
      ['only a number', '7', "remove: 'DELETE {location}'"],
    ] as const
  ).map(([what, location, reason]): [string, Intent, RequestResult, unknown] => [
    `201 with a Location that is ${what}`,
    { ...intent, url: 'https://api.example.com/carts/1/items' },
    answered(201, location, { id: 7 }),
    unresolved(reason),
  ]),

  [
    '200 where a rule fits and the body lacks it',
    ruled,
    answered(200, undefined, {}),
    unresolved('lacks a value that its cleanup rule needs for DELETE https://api.example.com/orders/{body.id}'),
  ],
  ['no connection', intent, { error: 'connect ECONNREFUSED 127.0.0.1:1' }, neverCreated],
  ['no such host', intent, { error: 'getaddrinfo ENOTFOUND api.example.com' }, neverCreated],
  ['an untrusted certificate', intent, { error: 'self-signed certificate' }, neverCreated],
  ['no connection of a page', intent, { error: 'net::ERR_CONNECTION_REFUSED' }, neverCreated],
  ['a reset', intent, { error: 'read ECONNRESET' }, unresolved('read ECONNRESET')],
  ['a timeout', intent, { error: 'Request timed out after 1000ms' }, unresolved('timed out')],
] satisfies [string, Intent, RequestResult, unknown][]

test('what a response means for the intent', async () => {
  await forEachRow(
    responses,
    ([what]) => what,
    async ([, of, answer, judgement]) => {
      expect(await judge(of, answer, target)).toEqual(judgement)
    },
  )
})

test.describe('behind a gateway', () => {
  const gateway = resolveEnvironment({ baseURL: 'https://gateway.example.com/api/v1/', name: 'production' }, {})
  const posted = { ...intent, url: 'https://gateway.example.com/api/v1/things' }

  test('a Location without the stripped prefix removes nothing, and the rule in the message does', async () => {
    const judgement = await judge(posted, answered(201, '/things/7', { id: 7 }), gateway)
    const rule = "{ create: 'POST /things', remove: 'DELETE {location}' }"
    expect(judgement).toEqual(unresolved(rule))
    const by = { ...posted, rule: { remove: [{ send: 'DELETE {location}' }] } }
    expect(await judge(by, answered(201, '/things/7'), gateway)).toEqual(
      created('DELETE https://gateway.example.com/api/v1/things/7'),
    )
  })

  test('an http Location of the same host counts as https, like the request', async () => {
    for (const host of ['gateway.example.com', 'gateway.example.com:8080']) {
      expect(await judge(posted, answered(201, `http://${host}/api/v1/things/7`), gateway)).toEqual(
        created('DELETE https://gateway.example.com/api/v1/things/7'),
      )
    }
    const judgement = await judge(posted, answered(201, 'http://10.0.0.1:8080/things/7'), gateway)
    expect(judgement).toEqual(unresolved("{ create: 'POST /things', remove: 'DELETE /things/{location.id}' }"))
    expect(Object(judgement).reason).not.toContain('origins')
  })
})

test.describe('a rule by Location', () => {
  const by = (send: string) => ({ ...intent, rule: { remove: [{ send }] } })

  test('removes nothing at an address that lacks a part of the Location', async () => {
    for (const send of ['DELETE {location}', `DELETE ${url}/{location.id}`]) {
      for (const location of ['/orders/report#1', '/orders/x/../report']) {
        const judgement = await judge(by(send), answered(200, location), target)
        expect(judgement).toEqual(unresolved('may be the address of something else, so that nothing was removed'))
      }
    }
  })

  test('has the reason also where a redirect loses text', async () => {
    for (const location of ['/orders/7#created', '/posts/7#created']) {
      expect(await judge(by('DELETE {location}'), answered(303, location), target)).toEqual(
        unresolved(`${location} contains a fragment, an empty query, dots between`),
      )
      expect(await judge(by('DELETE {location}'), answered(303, location), target)).toEqual(
        unresolved('so that nothing was removed; add `find` to the rule'),
      )
      expect(await judge(by(`DELETE ${url}/{location.id}`), answered(200, location), target)).toEqual(
        unresolved('take the identifier from its body, as {body.id}, or add `find` to the rule'),
      )
    }
  })

  test('removes nothing at an address before a question mark that was not encoded', async () => {
    for (const send of ['DELETE {location}', `DELETE ${url}/{location.id}`]) {
      for (const location of ['/orders/report?1', 'report?1', '/orders/report?', '/archive/report?1=2']) {
        expect(await judge(by(send), answered(200, location), target)).toEqual(
          unresolved('it may be the address of something else'),
        )
        expect(await judge(by(send), answered(201, location), target)).toMatchObject({ is: 'unresolved' })
      }
    }
  })

  test('removes nothing above the request', async () => {
    for (const location of ['/', '/orders', '/orders/', '..']) {
      const judgement = await judge(by('DELETE {location}'), answered(200, location), target)
      expect(judgement).toEqual(
        unresolved('is the address of something that existed before the request, so that nothing was removed'),
      )
    }
  })

  test('uses the last segment of any Location', async () => {
    const judgement = await judge(by(`DELETE ${url}/{location.id}`), answered(200, 'http://10.0.0.1/x/7/'), target)
    expect(judgement).toEqual(created(`DELETE ${url}/7`))
  })
})

test('a Location with an identifier that the service did not encode is not the address of what was created', async () => {
  const rule = { remove: [{ send: 'DELETE {location}' }] }
  const reason = 'may be the address of something else'
  for (const id of ['1%23x', '1%20', '50%2525', '1/']) {
    for (const body of [{ id }, { data: { coupon: { code: id } } }, [{ id }]]) {
      expect(await judge(intent, answered(201, `/orders/${id}`, body), target)).toEqual(unresolved(reason))
      expect(await judge({ ...intent, rule }, answered(201, `/orders/${id}`, body), target)).toEqual(unresolved(reason))
    }
  }
  // No encoding escapes letters and digits.
  for (const id of ['%31', 'a%62c', '%6F'])
    expect(await judge(intent, answered(201, `/orders/${id}`), target)).toEqual(unresolved(reason))
  for (const [segment, id] of [
    ['1%23x', '1#x'],
    ['a%20b', 'a b'],
    ['%7Eada', '~ada'],
    ['%2531', '%31'],
    ['7/', '7'],
    ['7', 'orders/7'],
  ]) {
    expect(await judge(intent, answered(201, `/orders/${segment}`, { id, href: `${url}/7/` }), target)).toEqual(
      created(`DELETE ${url}/${segment}`),
    )
  }
})

test('a PATCH has created nothing at its own address, unless it was answered with 201', async () => {
  const patch = (send: string) => ({ ...put, method: 'PATCH', rule: { remove: [{ send }] } })
  for (const send of [`DELETE ${url}/7`, `DELETE ${url}/7/`, `DELETE ${url}/{body.id}`])
    expect(await judge(patch(send), answered(200, undefined, { id: 7 }), target)).toEqual(neverCreated)
  const item = patch(`DELETE ${url}/7/items/{body.item}`)
  expect(await judge(item, answered(200, undefined, { item: 8 }), target)).toEqual(created(`DELETE ${url}/7/items/8`))
  expect(await judge(patch(`DELETE ${url}/7`), answered(201), target)).toEqual(created(`DELETE ${url}/7`))
  const undone = patch(`PATCH ${url}/7`)
  expect(await judge(undone, answered(200), target)).toEqual(created(`PATCH ${url}/7`))
})

test('a query that names a resource is a part of the address of a PATCH', async () => {
  const patch = (of: string, send: string) => ({ ...put, method: 'PATCH', url: of, rule: { remove: [{ send }] } })
  for (const [of, send] of [
    [`${url}?item=7`, `DELETE ${url}?item={body.id}`],
    [`${url}?item=7&fields=id`, `DELETE ${url}?item=7&force=true`],
    // Of a removal that says less, more would be removed.
    [`${url}?item=7`, `DELETE ${url}`],
    [`${url}/7`, `DELETE ${url}/7?version={body.version}`],
  ] as const) {
    expect(await judge(patch(of, send), answered(200, undefined, { id: 7, version: 2 }), target)).toEqual(neverCreated)
  }
  const other = patch(`${url}?item=7`, `DELETE ${url}?item={body.copy}`)
  expect(await judge(other, answered(200, undefined, { copy: 8 }), target)).toEqual(created(`DELETE ${url}?item=8`))
})

test('an upload to a store of objects may have replaced one, unless a rule says that names are not used again', async () => {
  for (const header of ['x-amz-request-id', 'x-guploader-uploadid']) {
    const answer = { ...answered(201), headers: { location: `${url}/a.png`, [header]: '4442587FB7D0A2F9' } }
    expect(await judge(intent, answer, target)).toEqual(
      unresolved(
        'in which an upload can replace an older object: nothing was removed; add a cleanup rule only if the specs upload to names ' +
          "of their own (`unique`), such as { create: 'POST /orders', remove: 'DELETE {location}' }",
      ),
    )
    const rule = { remove: [{ send: 'DELETE {location}' }] }
    expect(await judge({ ...intent, rule }, answer, target)).toEqual(created(`DELETE ${url}/a.png`))
  }
})

test('for a Location further below, no rule is suggested that takes its last segment alone', async () => {
  for (const location of ['/orders/a/b', 'http://10.0.0.1/orders/a/b']) {
    const judgement = await judge(intent, answered(201, location), target)
    expect(judgement).toEqual(unresolved('remove it in the spec'))
    expect(Object(judgement).reason).not.toContain('{location.id}')
  }
})

test('each thing of a list is removed', async () => {
  const rule = { remove: [{ send: `DELETE ${url}/{each.id}` }], each: 'items' }
  expect(await judge({ ...intent, rule }, answered(201, undefined, { items: [{ id: 7 }, { id: 8 }] }), target)).toEqual(
    created(`DELETE ${url}/7`, `DELETE ${url}/8`),
  )
  expect(await judge({ ...intent, rule }, answered(200, undefined, { items: 7 }), target)).toEqual(
    unresolved('the response has no list at body.items'),
  )
  const ids = { remove: [{ send: `DELETE ${url}/{each}` }], each: '' }
  expect(await judge({ ...intent, rule: ids }, answered(200, undefined, [7, 8]), target)).toEqual(
    created(`DELETE ${url}/7`, `DELETE ${url}/8`),
  )
})

test('a redirect with a matching rule is a creation only if its Location can be that of one', async () => {
  const by = (send: string, more: Partial<Intent> = {}) => ({ ...intent, ...more, rule: { remove: [{ send }] } })
  const avatar = { method: 'PUT', url: 'https://api.example.com/users/7/avatar' }
  for (const status of [301, 302, 303]) {
    const says = unresolved(`it was answered with ${status}, which does not confirm that it created`)
    expect(await judge(by(`DELETE ${avatar.url}`, avatar), answered(status, '/login'), target)).toEqual(says)
    expect(await judge(by('DELETE {location}'), answered(status, '/articles/7'), target)).toEqual(says)
    expect(await judge(by('DELETE {location}'), answered(status, '/orders?created=7'), target)).toEqual(says)
    expect(await judge(by('DELETE {location}'), answered(status, '/orders/7'), target)).toEqual(
      created(`DELETE ${url}/7`),
    )
  }
  for (const status of [304, 307, 308]) {
    expect(await judge(by(`DELETE ${url}/7`), answered(status, '/orders/'), target)).toEqual(neverCreated)
  }
})

test('a Location above the request gives no identifier, and its user name and password are dropped', async () => {
  const items = { ...intent, url: 'https://api.example.com/carts/1/items' }
  const by = { ...items, rule: { remove: [{ send: `DELETE ${items.url}/{location.id}` }] } }
  expect(await judge(by, answered(201, '/carts/1', {}), target)).toEqual(unresolved('is not one segment below'))
  expect(await judge(intent, answered(201, 'https://u:password@api.example.com/orders/7'), target)).toEqual(
    created(`DELETE ${url}/7`),
  )
  // Such as PostgREST.
  const rows = { ...intent, rule: { remove: [{ send: 'DELETE {location}' }] } }
  expect(await judge(rows, answered(201, '/orders?id=eq.7'), target)).toEqual(created(`DELETE ${url}?id=eq.7`))
})

test('the addresses of what a response seems to have created', async () => {
  for (const [answer, addresses] of [
    [answered(200, undefined, { items: [{ id: 7 }, { id: 8 }] }), [`${url}/7`, `${url}/8`]],
    [answered(200, undefined, [{ id: 7 }, {}]), [`${url}/7`, `${url}/undefined`]],
    [answered(303, '/orders/9'), [`${url}/9`]],
    [answered(202), []],
  ] as const) {
    expect(await judge(intent, answer, target)).toMatchObject({ is: 'suspected', addresses })
  }
})

test('a rule that needs a value that the request lacks makes a possible leak', async () => {
  const lacking = { ...intent, lacking: '{request.ref}' }
  expect(await judge(lacking, answered(200), target)).toEqual(unresolved('its cleanup rule needs {request.ref}'))
  expect(await judge(lacking, answered(422), target)).toEqual(neverCreated)
  expect(await judge(lacking, answered(201, '/orders/7'), target)).toEqual(created(`DELETE ${url}/7`))
})

test('identifiers are recognized in each spelling', async () => {
  for (const name of ['id', 'ID', 'Id', '_id', 'uuid', 'orderId', 'orderID', 'order_id', 'bookingid']) {
    expect(await judge(intent, answered(200, undefined, { [name]: 7 }), target)).toEqual(
      suspected(`the field ${name};`),
    )
  }
})
