import { expect, test } from 'reprise'
test.describe.serial('an order', () => {
  test.use({ isolation: 'serial' })

  test('is placed', async ({ request }) => {})
  test('is listed', async ({ request }) => {})
})