import { expect, test } from 'reprise'

test('an order is taken', async ({ request, unique }) => {
  const order = await request.post('/orders', { data: { ref: unique.name('Order'), product: 'tea' } })
  expect(order.status()).toBe(201)
})