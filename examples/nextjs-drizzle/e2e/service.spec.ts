import { expect, test } from './test.js'

test('the service answers', { tag: '@smoke' }, async ({ request }) => {
  expect(await (await request.get('/health')).json()).toEqual({ status: 'up' })
})
