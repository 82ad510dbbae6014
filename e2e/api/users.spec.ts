// The user API. Tests tagged @smoke are also replayed against production, so they depend only on users of their own.
import { randomUUID } from 'node:crypto'
import { expect, test } from '../test.ts'

const ada = () => ({ name: 'Ada Lovelace', email: `ada-${randomUUID()}@example.com` })
const UNKNOWN_USER = '/users/5f8c9a44-6f5e-4c1a-9d0b-1f2e3d4c5b6a'

test.describe('adding a user', () => {
  test('answers 201 with the user and its location', { tag: '@smoke' }, async ({ request }) => {
    const draft = ada()
    const response = await request.post('/users', { data: draft })
    expect(response.status()).toBe(201)
    const user = await response.json()
    expect(user).toMatchObject({ ...draft, plan: 'free' })
    expect(response.headers().location).toBe(`/users/${user.id}`)
    expect(await (await request.get(`/users/${user.id}`)).json()).toEqual(user)
  })

  test('stores one row', async ({ request, db }) => {
    const draft = ada()
    await request.post('/users', { data: { ...draft, plan: 'team' } })
    const { rows } = await db.query('select email, name, plan, created_at = updated_at as fresh from users')
    expect(rows).toEqual([{ ...draft, plan: 'team', fresh: true }])
  })

  test('trims white space, and keeps any script and emoji', { tag: '@smoke' }, async ({ request }) => {
    const { email } = ada()
    const response = await request.post('/users', { data: { email: ` ${email} `, name: '  李 👩‍👩‍👧 ليلى\t' } })
    expect(await response.json()).toMatchObject({ email, name: '李 👩‍👩‍👧 ليلى' })
  })

  test('refuses a taken email with 409, ignoring case', { tag: '@smoke' }, async ({ request }) => {
    const draft = ada()
    await request.post('/users', { data: draft })
    const response = await request.post('/users', { data: { ...draft, email: draft.email.toUpperCase() } })
    expect(response.status()).toBe(409)
    expect(await response.json()).toMatchObject({
      type: 'urn:problem-type:email-taken',
      errors: [{ pointer: '#/email', detail: 'Another user has this email address.' }],
    })
  })

  test('accepts one of ten concurrent requests for an email', async ({ request, db }) => {
    const draft = ada()
    const responses = await Promise.all(Array.from({ length: 10 }, () => request.post('/users', { data: draft })))
    const statuses = responses.map(response => response.status()).sort()
    expect(statuses).toEqual([201, ...Array(9).fill(409)])
    expect((await db.query('select from users')).rowCount).toBe(1)
  })

  for (const [what, change, pointer] of [
    ['no email', { email: undefined }, '#/email'],
    ['an invalid email', { email: 'ada' }, '#/email'],
    ['an email of 256 characters', { email: `${'a'.repeat(244)}@example.com` }, '#/email'],
    ['a blank name', { name: ' \t ' }, '#/name'],
    ['a name of 101 emoji', { name: '🙂'.repeat(101) }, '#/name'],
    ['a NUL in the name', { name: 'Ada\0' }, '#/name'],
    ['half an emoji in the name', { name: 'Ada \ud83d' }, '#/name'],
    ['a name that is a number', { name: 7 }, '#/name'],
    ['a plan that does not exist', { plan: 'gold' }, '#/plan'],
    ['a member that does not exist', { 'is/admin': true }, '#/is~1admin'],
  ] as const) {
    test(`refuses ${what} with 422, and points at it`, { tag: '@smoke' }, async ({ request }) => {
      const response = await request.post('/users', { data: { ...ada(), ...change } })
      expect(response.status()).toBe(422)
      expect(response.headers()['content-type']).toContain('application/problem+json')
      const { errors } = await response.json()
      expect(errors).toEqual([{ pointer, detail: expect.any(String) }])
    })
  }
})

test.describe('reading users', () => {
  test('lists users newest first, in pages, each once', { tag: '@smoke' }, async ({ request }) => {
    const mine = new Set<string>()
    for (let i = 0; i < 5; i++) mine.add((await (await request.post('/users', { data: ada() })).json()).id)

    const seen: { id: string; createdAt: string }[] = []
    let path = '/users?limit=2'
    // In production, other users may be added meanwhile; ten pages contain ours all the same.
    for (let pages = 0; path && pages < 10; pages++) {
      const { users, next } = await (await request.get(path)).json()
      expect(users.length).toBeLessThanOrEqual(2)
      seen.push(...users)
      path = next
    }

    const ids = seen.map(user => user.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(ids)).toEqual(new Set([...ids, ...mine]))
    const times = seen.map(user => user.createdAt)
    expect(times).toEqual([...times].sort().reverse())
  })

  test('the last page has no next', async ({ request }) => {
    for (let i = 0; i < 2; i++) await request.post('/users', { data: ada() })
    const full = await (await request.get('/users?limit=2')).json()
    expect(full).toMatchObject({ users: [{}, {}], next: null })
    const first = await (await request.get('/users?limit=1')).json()
    const last = await (await request.get(first.next)).json()
    expect(last).toMatchObject({ users: [{}], next: null })
  })

  test('finds a user by email, ignoring case', { tag: '@smoke' }, async ({ request }) => {
    const draft = ada()
    await request.post('/users', { data: draft })
    const response = await request.get('/users', { params: { email: draft.email.toUpperCase() } })
    expect(await response.json()).toMatchObject({ users: [draft], next: null })
  })

  for (const query of ['limit=0', 'limit=101', 'limit=1e1', 'limit=', 'limit=1&limit=2', 'cursor=x', 'email=ada']) {
    test(`refuses ?${query} with 400, and names the parameter`, { tag: '@smoke' }, async ({ request }) => {
      const response = await request.get(`/users?${query}`)
      expect(response.status()).toBe(400)
      expect((await response.json()).errors).toMatchObject([{ parameter: query.split('=')[0] }])
    })
  }
})

test.describe('changing a user', () => {
  test('changes only the given fields', { tag: '@smoke' }, async ({ request }) => {
    const user = await (await request.post('/users', { data: ada() })).json()
    const response = await request.patch(`/users/${user.id}`, { data: { name: 'Ada King' } })
    expect(response.status()).toBe(200)
    const changed = await response.json()
    expect(changed).toEqual({ ...user, name: 'Ada King', updatedAt: expect.any(String) })
    expect(changed.updatedAt > user.updatedAt).toBe(true)
  })

  test('can change the case of its own email, but not take another', { tag: '@smoke' }, async ({ request }) => {
    const [mine, other] = [ada(), ada()]
    const { id } = await (await request.post('/users', { data: mine })).json()
    await request.post('/users', { data: other })
    const own = await request.patch(`/users/${id}`, { data: { email: mine.email.toUpperCase() } })
    expect(own.status()).toBe(200)
    const taken = await request.patch(`/users/${id}`, { data: { email: other.email } })
    expect(taken.status()).toBe(409)
  })

  test('refuses a request without changes', { tag: '@smoke' }, async ({ request }) => {
    const response = await request.patch(UNKNOWN_USER, { data: {} })
    expect(response.status()).toBe(422)
    expect((await response.json()).errors).toEqual([
      { pointer: '#', detail: 'At least one of email, name and plan is required.' },
    ])
  })
})

test('a deleted user does not exist, and its email is available again', { tag: '@smoke' }, async ({ request }) => {
  const draft = ada()
  const { id } = await (await request.post('/users', { data: draft })).json()
  expect((await request.delete(`/users/${id}`)).status()).toBe(204)
  expect((await request.get(`/users/${id}`)).status()).toBe(404)
  expect((await request.delete(`/users/${id}`)).status()).toBe(404)
  expect((await request.post('/users', { data: draft })).status()).toBe(201)
})

for (const path of [UNKNOWN_USER, '/users/7', '/users/%00', '/nowhere']) {
  test(`${path} does not exist: 404 with a problem document`, { tag: '@smoke' }, async ({ request }) => {
    const response = await request.get(path)
    expect(response.headers()['content-type']).toContain('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: expect.any(String),
      instance: path,
      requestId: response.headers()['x-request-id'],
    })
  })
}
