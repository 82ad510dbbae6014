/** The habits of real services, each as a minimal implementation. */
import type { Request, Response, Router } from 'express'
import type { Habit, Left } from './habit.ts'
import type { Things } from './things.ts'

/** A collection with GET, DELETE and POST; `created` writes the response to POST. */
function collection(
  folder: string,
  created: (response: Response, id: string, request: Request) => void,
): (app: Router, things: Things) => void {
  return (app, things) => {
    app.post(folder, (request, response) => created(response, things.create(folder, request.body), request))
    item(app, things, folder)
  }
}

/** GET and DELETE of a thing in a folder. */
function item(app: Router, things: Things, folder: string): void {
  app.get(`${folder}/:id`, ({ params }, response) => {
    const thing = things.get(`${folder}/${params.id}`)
    if (thing) response.json(thing)
    else response.status(404).json({})
  })
  app.delete(`${folder}/:id`, ({ params }, response) => {
    response.status(things.delete(`${folder}/${params.id}`) ? 204 : 404).end()
  })
}

/** Responds with 201 and this Location; removing that would also remove things of others. */
function located(
  path: string,
  name: string,
  location: (id: string) => string,
  left: Left,
  cleanup?: Habit['cleanup'],
): Habit {
  return {
    name,
    path,
    serve(app, things) {
      things.put(`/${path}/of-others`, {}, 'others')
      app.delete(`/${path}`, (_request, response) => {
        things.deleteAll(`/${path}`)
        response.status(204).end()
      })
      app.get(`/${path}`, (_request, response) => void response.json(things.list(`/${path}`)))
      collection(`/${path}`, (response, id) => void response.status(201).set('location', location(id)).json({ id }))(
        app,
        things,
      )
    },
    creates: `expect((await request.post('/${path}', { data: { ref: 'mine' } })).status()).toBe(201)`,
    ...(cleanup && { cleanup }),
    left,
  }
}

const posts = (path: string, data = '{}') => `await request.post('/${path}', { data: ${data} })`

export const habits: Habit[] = [
  located('rest', '201 with the address of the thing', id => `/rest/${id}`, 'nothing'),
  located('relative', '201 with a relative address', id => `relative/${id}`, 'nothing'),
  located('number', '201 with an address that is only a number', id => id, 'named'),
  located('number-ruled', 'the same with a rule', id => id, 'nothing', [
    { create: 'POST /number-ruled', remove: 'DELETE /number-ruled/{location.id}' },
  ]),
  located('self', '201 with the address of the collection', () => '/self', 'named'),
  located('root', '201 with the root', () => '/', 'named'),
  located('above', '201 with an address above', () => '../../', 'named'),
  located('query', '201 with a query for everything', () => '?all=true', 'named'),
  located('admin', '201 with an address of something else', () => '/admin/everything', 'named'),
  located('fragment', '201 with an identifier that is not encoded', id => `/fragment/of-others#${id}`, 'named'),
  located('fragment-ruled', 'the same with a rule', id => `/fragment-ruled/of-others#${id}`, 'named', [
    { create: 'POST /fragment-ruled', remove: 'DELETE {location}' },
  ]),
  located('dots', '201 with dots in an identifier', id => `/dots/${id}/../of-others`, 'named'),
  located('host', '201 with the address of a host inside', id => `http://10.0.0.1:8080/host/${id}`, 'named'),
  {
    name: '201 with the address of the parent',
    path: 'carts',
    serve(app, things) {
      things.put('/carts/1', { owner: 'a customer' }, 'others')
      item(app, things, '/carts')
      app.post('/carts/1/items', (_request, response) => {
        const id = things.create('/carts/1/items')
        response.status(201).set('location', '/carts/1').json({ id })
      })
      item(app, things, '/carts/1/items')
    },
    creates: posts('carts/1/items'),
    cleanup: [{ create: 'POST /carts/{cart}/items', remove: 'DELETE /carts/{path.cart}/items/{body.id}' }],
    left: 'nothing',
  },
  {
    name: '201 with an address that nothing serves',
    path: 'unserved',
    serve: (app, things) => {
      app.post('/unserved', (_request, response) => {
        response
          .status(201)
          .location(`/unserved/${things.create('/unserved')}`)
          .end()
      })
    },
    creates: posts('unserved'),
    left: 'named',
  },
  {
    name: '404 without authorization, which the spec has',
    path: 'private',
    serve: guarded('/private', ({ headers }) => headers.authorization === 'Bearer alice'),
    creates: `await request.post('/private', { headers: { authorization: 'Bearer alice' } })`,
    left: 'nothing',
    leftBySweep: 'named',
  },
  {
    name: '404 without authorization, which no client has',
    path: 'tenant',
    serve: guarded('/tenant', () => false),
    creates: posts('tenant'),
    left: 'named',
  },
  {
    name: 'a login by cookie',
    path: 'session',
    serve(app, things) {
      app.post(
        '/session/login',
        (_request, response) => void response.cookie('sid', 'alice', { path: '/' }).status(204).end(),
      )
      guarded('/session/notes', ({ headers }) => /\bsid=alice\b/.test(headers.cookie ?? ''))(app, things)
    },
    creates: `${posts('session/login')}
      ${posts('session/notes')}`,
    reads: ['POST /session/login'],
    left: 'nothing',
    leftBySweep: 'named',
  },
  {
    name: "a guest's session, which the response to the creation begins",
    path: 'guest',
    serve: guarded(
      '/guest',
      ({ headers, path }) => headers.cookie?.includes(`guest=${path.slice(1)}`) ?? false,
      (response, id) => {
        response.status(201).location(`/guest/${id}`).cookie('guest', id, { path: '/guest' }).end()
      },
    ),
    creates: `expect(await request.get((await request.post('/guest')).headers().location)).toBeOK()`,
    left: 'nothing',
    leftBySweep: 'named',
  },
  {
    name: 'ids that are used again',
    path: 'reused',
    serve(app, things) {
      for (const [path, by] of [
        ['/reused', 'the test'],
        ['/reused/by-others', 'others'],
      ] as const) {
        app.post(path, (_request, response) => {
          things.put('/reused/1', {}, by)
          response.status(201).location('/reused/1').end()
        })
      }
      item(app, things, '/reused')
    },
    creates: `const { location } = (await request.post('/reused')).headers()
      expect((await request.delete(location)).status()).toBe(204)
      expect((await request.get(location)).status()).toBe(404)
      await request.post('/reused/by-others')`,
    reads: ['POST /reused/by-others'],
    left: 'nothing',
  },
  {
    name: 'a logout at the end',
    path: 'logout',
    serve(app, things) {
      let isOpen = false
      app.post('/logout/login', (_request, response) => {
        isOpen = true
        response.cookie('lid', 'alice', { path: '/' }).status(204).end()
      })
      app.post('/logout/logout', (_request, response) => {
        isOpen = false
        response.status(204).end()
      })
      guarded('/logout/notes', ({ headers }) => isOpen && /\blid=alice\b/.test(headers.cookie ?? ''))(app, things)
    },
    creates: `${posts('logout/login')}
      const note = (await request.post('/logout/notes')).headers().location
      expect(await request.get(note)).toBeOK()
      ${posts('logout/logout')}`,
    reads: ['POST /logout/login', 'POST /logout/logout'],
    left: 'named',
  },
  {
    name: 'a removal that the spec registers, with a token',
    path: 'registered',
    serve(app, things) {
      guarded(
        '/registered',
        ({ headers }) => headers.authorization === 'Bearer alice',
        (response, id) => {
          response.json({ number: id })
        },
      )(app, things)
    },
    creates: `const headers = { authorization: 'Bearer alice' }
      const { number } = await (await request.post('/registered', { headers })).json()
      await cleanup('DELETE /registered/' + number)`,
    left: 'nothing',
    leftBySweep: 'named',
  },
  {
    name: 'a login by token, with an id in the response',
    path: 'token',
    serve(app, things) {
      app.post('/token/login', (_request, response) => void response.json({ token: 'alice', user: { id: 7 } }))
      guarded('/token/notes', ({ headers }) => headers.authorization === 'Bearer alice')(app, things)
    },
    creates: `const { token } = await (await request.post('/token/login')).json()
      await request.post('/token/notes', { headers: { authorization: 'Bearer ' + token } })`,
    reads: ['POST /token/login'],
    left: 'nothing',
    leftBySweep: 'named',
  },
  {
    name: 'a soft delete',
    path: 'soft',
    serve: softly('/soft'),
    creates: posts('soft'),
    left: 'named',
  },
  {
    name: 'a soft delete with a rule',
    path: 'soft-ruled',
    serve: softly('/soft-ruled'),
    creates: posts('soft-ruled'),
    cleanup: [{ create: 'POST /soft-ruled', remove: 'DELETE {location}', gone: { field: 'archived' } }],
    left: 'nothing',
  },
  {
    name: 'If-Match',
    path: 'etag',
    serve(app, things) {
      app.post('/etag', (_request, response) => {
        response
          .status(201)
          .set('etag', '"1"')
          .location(`/etag/${things.create('/etag')}`)
          .end()
      })
      app.get(
        '/etag/:id',
        ({ path }, response) =>
          void response
            .set('etag', '"2"')
            .status(things.get(path) ? 200 : 404)
            .end(),
      )
      app.delete('/etag/:id', ({ path, headers }, response) => {
        if (headers['if-match'] !== '"2"') response.status(428).end()
        else response.status(things.delete(path) ? 204 : 404).end()
      })
    },
    creates: posts('etag'),
    cleanup: [
      { create: 'POST /etag', remove: { send: 'DELETE {location}', headers: { 'if-match': '{header.etag}' } } },
    ],
    left: 'nothing',
  },
  {
    name: '200 with an error for a removal',
    path: 'error200',
    serve(app, things) {
      app.delete('/error200/:id', (_request, response) => void response.json({ error: 'not allowed' }))
      collection('/error200', (response, id) => void response.status(201).location(`/error200/${id}`).end())(
        app,
        things,
      )
    },
    creates: posts('error200'),
    left: 'named',
  },
  {
    name: '200 with an id for a creation',
    path: 'plain200',
    serve: collection('/plain200', (response, id) => void response.json({ id })),
    creates: posts('plain200'),
    left: 'named',
  },
  {
    name: '200 with an id for a creation, and 200 with an error for a removal, sent by the spec',
    path: 'plain-error',
    serve(app, things) {
      app.delete('/plain-error/:id', (_request, response) => void response.json({ error: 'not allowed' }))
      collection('/plain-error', (response, id) => void response.json({ id }))(app, things)
    },
    creates: `const kept = await (await request.post('/plain-error')).json()
      expect(await request.delete('/plain-error/' + kept.id)).toBeOK()`,
    left: 'named',
  },
  {
    name: '200 with an id for two creations, of which the spec removes one by a body',
    path: 'plain-body',
    serve(app, things) {
      app.delete('/plain-body', ({ body }, response) => {
        things.delete(`/plain-body/${body.ids[0]}`)
        response.status(204).end()
      })
      collection('/plain-body', (response, id) => void response.json({ id }))(app, things)
    },
    creates: `const first = await (await request.post('/plain-body')).json()
      await request.post('/plain-body')
      expect(await request.delete('/plain-body', { data: { ids: [first.id] } })).toBeOK()`,
    left: 'named',
  },
  {
    name: '200 with an id, and a rule',
    path: 'booking',
    serve: collection('/booking', (response, id, { body }) => void response.json({ bookingid: id, booking: body })),
    creates: posts('booking', "{ firstname: 'Ada' }"),
    cleanup: [{ create: 'POST /booking', remove: 'DELETE /booking/{body.bookingid}' }],
    left: 'nothing',
  },
  {
    name: 'a bulk creation',
    path: 'bulk',
    serve: (app, things) => {
      app.post('/bulk', (_request, response) => {
        const items = [1, 2, 3].map(() => ({ id: things.create('/bulk') }))
        response.status(201).json({ items })
      })
      item(app, things, '/bulk')
    },
    creates: posts('bulk'),
    cleanup: [{ create: 'POST /bulk', each: 'body.items', remove: 'DELETE /bulk/{each.id}' }],
    left: 'nothing',
  },
  {
    name: 'a form with a redirect',
    path: 'form',
    serve: form('/form'),
    creates: `await request.post('/form', { form: { title: 'mine' } })`,
    left: 'named',
  },
  {
    name: 'a form with 302 to the list',
    path: 'flask',
    serve(app, things) {
      app.post('/flask', ({ body }, response) => {
        things.create('/flask', body)
        response.redirect(302, '/flask')
      })
      app.get('/flask', (_request, response) => void response.send('<h1>All</h1>'))
    },
    creates: `await request.post('/flask', { form: { title: 'mine' } })`,
    left: 'named',
  },
  {
    name: 'a form with a redirect, and a rule',
    path: 'form-ruled',
    serve: form('/form-ruled'),
    creates: `await request.post('/form-ruled', { form: { title: 'mine' } })`,
    cleanup: [
      {
        create: 'POST /form-ruled',
        remove: { send: 'POST /form-ruled/{location.id}/delete', form: { confirm: 'yes' } },
        gone: { get: 'GET {location}' },
      },
    ],
    left: 'nothing',
  },
  {
    name: 'GraphQL',
    path: 'graphql',
    serve(app, things) {
      app.post('/graphql', ({ body }, response) => {
        const query = String(body.query)
        if (query.includes('createThing')) {
          return void response.json({ data: { createThing: { id: things.create('/graphql') } } })
        }
        if (query.includes('deleteThing')) {
          return void response.json({ data: { deleteThing: things.delete(`/graphql/${body.variables.id}`) } })
        }
        response.json({ data: { things: things.list('/graphql') } })
      })
    },
    creates: `await request.post('/graphql', { data: { query: 'mutation { createThing(name: "a") { id } }' } })
      await request.post('/graphql', { data: { query: '{ things { id } }' } })`,
    cleanup: [
      {
        create: 'POST /graphql',
        when: { query: 'createThing' },
        remove: {
          send: 'POST /graphql',
          body: {
            query: 'mutation($id: ID!) { deleteThing(id: $id) }',
            variables: { id: '{body.data.createThing.id}' },
          },
        },
      },
    ],
    reads: ['POST /graphql query'],
    left: 'unverified',
  },
  {
    name: 'JSON-RPC',
    path: 'rpc',
    serve(app, things) {
      app.post('/rpc', ({ body }, response) => {
        const id = body.params?.id
        if (body.method === 'order.create') return void response.json({ id: 1, result: { id: things.create('/rpc') } })
        if (body.method === 'order.delete') return void response.json({ id: 1, result: things.delete(`/rpc/${id}`) })
        response.json({ id: 1, result: things.list('/rpc') })
      })
      app.get('/rpc/:id', ({ path }, response) => void response.status(things.get(path) ? 200 : 404).end())
    },
    creates: `await request.post('/rpc', { data: { method: 'order.create', id: 1 } })
      await request.post('/rpc', { data: { method: 'order.list', id: 2 } })`,
    cleanup: [
      {
        create: 'POST /rpc',
        when: { method: 'order.create' },
        remove: { send: 'POST /rpc', body: { method: 'order.delete', params: { id: '{body.result.id}' } } },
        gone: { get: 'GET /rpc/{body.result.id}' },
      },
    ],
    reads: [{ send: 'POST /rpc', when: { method: 'order.list' } }],
    left: 'nothing',
  },
  {
    name: '200 with Location',
    path: 'placed',
    serve: collection('/placed', (response, id) => void response.location(`/placed/${id}`).end()),
    creates: posts('placed'),
    left: 'named',
  },
  {
    name: '200 with a list of ids',
    path: 'bulk200',
    serve: (app, things) => {
      app.post('/bulk200', (_request, response) => {
        response.json({ results: { items: [1, 2].map(() => ({ id: things.create('/bulk200') })) } })
      })
      item(app, things, '/bulk200')
    },
    creates: `const { results } = await (await request.post('/bulk200')).json()
      await request.delete('/bulk200/' + results.items[0].id)`,
    left: 'named',
  },
  {
    name: '202 with a job',
    path: 'job',
    serve: collection('/job', (response, id) => void response.status(202).json({ job: `/jobs/${id}` })),
    creates: posts('job'),
    left: 'named',
  },
  {
    name: 'PUT, always with 201',
    path: 'put',
    serve: putting('/put'),
    creates: `await request.put('/put/mine', { data: {} })
      await request.put('/put/of-others', { data: {} })`,
    left: 'named',
  },
  {
    name: 'an upload by a form to a store of objects, which replaces older ones',
    path: 'objects',
    serve(app, things) {
      things.put('/objects/of-others', {}, 'others')
      app.post('/objects', ({ body }, response) => {
        const path = `/objects/${body.key}`
        if (!things.get(path)) things.put(path, {})
        response
          .status(201)
          .set('x-amz-request-id', '4442587FB7D0A2F9')
          .location(path)
          .type('xml')
          .end('<PostResponse/>')
      })
      item(app, things, '/objects')
    },
    creates: `await request.post('/objects', { form: { key: 'mine' } })
      await request.post('/objects', { form: { key: 'of-others' } })`,
    left: 'named',
  },
  {
    name: 'PUT that creates, with a rule',
    path: 'put-ruled',
    serve: putting('/put-ruled'),
    creates: `await request.put('/put-ruled/mine', { data: {} })
      await request.put('/put-ruled/mine', { data: {} })`,
    cleanup: [{ create: 'PUT /put-ruled/{thing}', remove: 'DELETE /put-ruled/{path.thing}' }],
    left: 'nothing',
  },
  {
    name: 'PUT of what exists, and PUT that creates and fails, with a rule',
    path: 'put-older',
    serve(app, things) {
      things.put('/put-older/of-others', {}, 'others')
      app.put('/put-older/:id', ({ path }, response) => {
        const status = things.get(path) ? 200 : 502
        if (status === 502) things.put(path, {})
        response.status(status).end()
      })
      item(app, things, '/put-older')
    },
    creates: `await request.put('/put-older/of-others', { data: {} })
      await request.put('/put-older/mine', { data: {} })`,
    cleanup: [{ create: 'PUT /put-older/{thing}', remove: 'DELETE /put-older/{path.thing}' }],
    left: 'named',
  },
  {
    name: 'DELETE with a body',
    path: 'delete-body',
    serve(app, things) {
      app.delete('/delete-body', ({ body }, response) => {
        response.status(things.delete(`/delete-body/${body?.ids?.[0]}`) ? 200 : 400).end()
      })
      collection('/delete-body', (response, id) => void response.status(201).json({ id }))(app, things)
    },
    creates: posts('delete-body'),
    cleanup: [
      {
        create: 'POST /delete-body',
        remove: { send: 'DELETE /delete-body', body: { ids: ['{body.id}'] } },
        gone: { get: 'GET /delete-body/{body.id}' },
      },
    ],
    left: 'nothing',
  },
  {
    name: 'eventual consistency',
    path: 'eventual',
    serve(app, things) {
      let looks = 0
      app.get('/eventual/:id', ({ path }, response) => {
        // Each change is visible in every third response.
        const isThere = things.get(path) !== undefined
        response.status(++looks % 3 === 0 ? (isThere ? 200 : 404) : isThere ? 404 : 200).end()
      })
      collection('/eventual', (response, id) => void response.status(201).location(`/eventual/${id}`).end())(
        app,
        things,
      )
    },
    creates: posts('eventual'),
    left: 'nothing',
  },
  {
    name: 'an asynchronous removal',
    path: 'slow',
    serve(app, things) {
      app.delete('/slow/:id', ({ path }, response) => {
        setTimeout(() => things.delete(path), 300)
        response.status(202).end()
      })
      collection('/slow', (response, id) => void response.status(201).location(`/slow/${id}`).end())(app, things)
    },
    creates: posts('slow'),
    left: 'nothing',
  },
  {
    name: 'a rate limit',
    path: 'limited',
    serve(app, things) {
      let asked = 0
      app.use('/limited', ({ method }, response, next) => {
        if (method !== 'POST' && ++asked % 2 === 1) response.status(429).set('retry-after', '1').end()
        else next()
      })
      collection('/limited', (response, id) => void response.status(201).location(`/limited/${id}`).end())(app, things)
    },
    creates: posts('limited'),
    left: 'nothing',
  },
  {
    name: 'GET and HEAD are not allowed',
    path: 'unread',
    serve(app, things) {
      app.get('/unread/:id', (_request, response) => void response.status(405).set('allow', 'DELETE').end())
      collection('/unread', (response, id) => void response.status(201).location(`/unread/${id}`).end())(app, things)
    },
    creates: posts('unread'),
    left: 'unverified',
  },
  {
    name: 'an idempotent creation',
    path: 'idempotent',
    serve(app, things) {
      app.post('/idempotent', (_request, response) => {
        things.put('/idempotent/1', {})
        response.status(201).location('/idempotent/1').end()
      })
      item(app, things, '/idempotent')
    },
    creates: `${posts('idempotent')}
      ${posts('idempotent')}`,
    left: 'nothing',
  },
  {
    name: 'a cascading removal, sent by the spec',
    path: 'shops',
    serve(app, things) {
      app.post(
        '/shops',
        (_request, response) =>
          void response
            .status(201)
            .location(`/shops/${things.create('/shops')}`)
            .end(),
      )
      app.post('/shops/:shop/orders', ({ params }, response) => {
        const folder = `/shops/${params.shop}/orders`
        response
          .status(201)
          .location(`${folder}/${things.create(folder)}`)
          .end()
      })
      app.get('/shops{/*path}', ({ path }, response) => void response.status(things.get(path) ? 200 : 404).end())
      app.delete('/shops/:shop', ({ path }, response) => {
        const isThere = things.get(path) !== undefined
        things.deleteAll(path)
        response.status(isThere ? 204 : 404).end()
      })
      app.delete('/shops/:shop/orders/:order', ({ path }, response) => {
        response.status(things.delete(path) ? 204 : 404).end()
      })
    },
    creates: `const shop = (await request.post('/shops')).headers().location
      await request.post(shop + '/orders')
      await request.delete(shop)`,
    left: 'nothing',
  },
  {
    name: 'a removal with a query, sent by the spec',
    path: 'trash',
    serve(app, things) {
      app.delete('/trash/:id', ({ path, query }, response) => {
        if (query.force === 'true') response.status(things.delete(path) ? 204 : 404).end()
        else response.status(things.get(path) ? 409 : 404).end()
      })
      collection('/trash', (response, id) => void response.status(201).location(`/trash/${id}`).end())(app, things)
    },
    creates: `const thrown = (await request.post('/trash')).headers().location
      expect((await request.delete(thrown + '?force=true')).status()).toBe(204)`,
    left: 'nothing',
  },
  {
    name: '500 after a creation, with a rule that finds it',
    path: 'broken',
    serve: broken('/broken'),
    creates: `await request.post('/broken', { data: { ref: 'mine' }, timeout: 500 })`,
    cleanup: [{ create: 'POST /broken', remove: 'DELETE /broken/{body.id}', find: 'GET /broken?ref={request.ref}' }],
    left: 'nothing',
  },
  {
    name: '500 after a creation',
    path: 'broken-unruled',
    serve: broken('/broken-unruled'),
    creates: `await request.post('/broken-unruled', { data: { ref: 'mine' } })`,
    left: 'named',
  },
  {
    name: 'an empty list instead of 404',
    path: 'rows',
    serve(app, things) {
      app.post('/rows', (_request, response) => {
        response
          .status(201)
          .location(`/rows?id=eq.${things.create('/rows')}`)
          .end()
      })
      const pathOf = ({ query }: Request) => `/rows/${String(query.id).replace('eq.', '')}`
      app.get('/rows', (request, response) => {
        const row = things.get(pathOf(request))
        response.json(row ? [row] : [])
      })
      app.delete('/rows', (request, response) => {
        things.delete(pathOf(request))
        response.status(204).end()
      })
    },
    creates: posts('rows'),
    cleanup: [{ create: 'POST /rows', remove: 'DELETE {location}' }],
    left: 'nothing',
  },
  {
    name: 'a search by POST',
    path: 'search',
    serve: app => void app.post('/search', (_request, response) => void response.json({ hits: [{ id: 7 }] })),
    creates: `expect(await (await request.post('/search', { data: {} })).json()).toEqual({ hits: [{ id: 7 }] })`,
    reads: ['POST /search'],
    left: 'nothing',
  },
]

/** A collection that responds with 404 to clients without authorization. */
function guarded(
  folder: string,
  may: (request: Request) => boolean,
  created = (response: Response, id: string) => void response.status(201).location(`${folder}/${id}`).end(),
): (app: Router, things: Things) => void {
  return (app, things) => {
    app.use(folder, (request, response, next) => {
      if (request.method === 'POST' || may(request)) next()
      else response.status(404).end()
    })
    collection(folder, created)(app, things)
  }
}

/** Responds to each PUT with 201, also that of an older resource. */
function putting(folder: string): (app: Router, things: Things) => void {
  return (app, things) => {
    things.put(`${folder}/of-others`, {}, 'others')
    app.put(`${folder}/:id`, ({ path }, response) => {
      if (!things.get(path)) things.put(path, {})
      response.status(201).end()
    })
    item(app, things, folder)
  }
}

function softly(folder: string): (app: Router, things: Things) => void {
  return (app, things) => {
    app.delete(`${folder}/:id`, ({ path }, response) => {
      const thing = things.get(path)
      if (thing) things.put(path, { ...thing, archived: true })
      response.status(200).json({})
    })
    collection(folder, (response, id) => void response.status(201).location(`${folder}/${id}`).end())(app, things)
  }
}

/** Responds as Rails and Django do. */
function form(folder: string): (app: Router, things: Things) => void {
  return (app, things) => {
    app.post(folder, ({ body }, response) => void response.redirect(303, `${folder}/${things.create(folder, body)}`))
    app.post(`${folder}/:id/delete`, ({ params }, response) => {
      things.delete(`${folder}/${params.id}`)
      response.redirect(303, folder)
    })
    app.get(folder, (_request, response) => void response.send('<h1>All</h1>'))
    item(app, things, folder)
  }
}

function broken(folder: string): (app: Router, things: Things) => void {
  return (app, things) => {
    app.post(folder, ({ body }, response) => {
      things.create(folder, body)
      response.status(500).end()
    })
    app.get(folder, ({ query }, response) => {
      response.json({ orders: things.list(folder).filter(({ ref }) => ref === query.ref) })
    })
    item(app, things, folder)
  }
}
