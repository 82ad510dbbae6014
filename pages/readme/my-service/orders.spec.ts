import { expect, test } from './test.ts'

test('places an order', async ({ request, db }) => {
  const response = await request.post('/orders', { data: { product: 'tea' } })
  expect(response.status()).toBe(201)
  expect((await db.query('select product from orders')).rows).toEqual([{ product: 'tea' }])
})