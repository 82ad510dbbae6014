import path from 'node:path'
import { test as base, expect } from '../../../fixtures/index.ts'
import { shop } from './shop.ts'

const test = base.extend({
  app: [async ({}, use) => use(({ pool }) => shop(pool)), { scope: 'worker' }],
  migrations: [path.join(import.meta.dirname, 'schema.sql'), { scope: 'worker' }],
})

test('an order takes what it sells from the stock', async ({ request, db }) => {
  const lines = [1, 2, 3, 4, 5].map(product => ({ product, quantity: product === 5 ? 3 : 1 }))
  await test.step('Ada orders a tea set', async () => {
    const response = await request.post('/orders', { data: { customer: 'Ada', lines } })
    await expect(response).toHaveStatus(201)
  })
  await expect(db).toHaveRowCount('order_lines', 5)
})
