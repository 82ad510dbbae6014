// The page at `/`, in a real browser.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { expect, test } from '../test.ts'

const grace = { name: 'Grace Hopper', email: 'grace@example.com' }

test.beforeEach(({ page }) => page.goto('/'))

test('a user is added with only the keyboard', async ({ page, db }) => {
  await page.getByLabel('Name').fill(grace.name)
  await page.keyboard.press('Tab')
  await page.keyboard.type(grace.email)
  await page.keyboard.press('Enter')

  await expect(page.getByRole('status')).toHaveText('grace@example.com is added.')
  await expect(page.getByRole('listitem')).toContainText(['Grace Hopper'])
  await expect(page.getByLabel('Name')).toBeFocused()
  const { rows } = await db.query('select name, email, plan from users')
  expect(rows).toEqual([{ ...grace, plan: 'free' }])
})

test('a user is deleted after a confirmation', async ({ page, db, request }) => {
  await request.post('/users', { data: grace })
  await page.reload()
  const remove = page.getByRole('button', { name: 'Delete grace@example.com' })

  await remove.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(remove).toBeFocused()
  expect((await db.query('select from users')).rowCount).toBe(1)

  await remove.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete user' }).click()
  await expect(page.getByRole('status')).toHaveText('grace@example.com is deleted.')
  await expect(page.getByText('There are no users yet.')).toBeVisible()
  expect((await db.query('select from users')).rowCount).toBe(0)
})

test('a taken email is reported at its field', async ({ page, request }) => {
  await request.post('/users', { data: grace })
  await page.getByLabel('Name').fill('Another Grace')
  await page.getByLabel('Email').fill('GRACE@example.com')
  await page.getByRole('button', { name: 'Add user' }).click()

  const email = page.getByLabel('Email')
  await expect(email).toHaveAccessibleDescription('Another user has this email address.')
  await expect(email).toHaveAttribute('aria-invalid', 'true')
  await expect(email).toBeFocused()
  await expect(page.getByLabel('Name')).toHaveValue('Another Grace')
})

test('more users are loaded on demand, and get the focus', async ({ page, db }) => {
  await db.query(
    `insert into users (email, name) select n || '@example.com', 'User ' || n from generate_series(1, 25) n`,
  )
  await page.reload()
  await expect(page.getByRole('listitem')).toHaveCount(20)
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(page.getByRole('listitem')).toHaveCount(25)
  await expect(page.getByRole('listitem').nth(20).getByRole('button')).toBeFocused()
  await expect(page.getByRole('button', { name: 'Load more' })).toBeHidden()
})

test('an unreachable API is announced, and can be retried', async ({ page }) => {
  await page.route('/users', route => route.abort())
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('The service cannot be reached.')
  await page.unroute('/users')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('There are no users yet.')).toBeVisible()
})

test('a name is always rendered as text', async ({ page, request }) => {
  await request.post('/users', { data: { ...grace, name: '<img src=x onerror=alert(1)>' } })
  await page.reload()
  await expect(page.getByRole('listitem')).toContainText('<img src=x onerror=alert(1)>')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violation in ${colorScheme}`, async ({ page, request }) => {
    await page.emulateMedia({ colorScheme })
    await request.post('/users', { data: grace })
    await page.reload()
    await page.getByRole('button', { name: 'Add user' }).click()
    await expect(page.getByText('This is not an email address.')).toBeVisible()
    // Evaluated, because the page's content security policy allows no further script tag.
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
    const violations = () => page.evaluate<AxeResults['violations']>('axe.run().then(({ violations }) => violations)')
    expect(await violations()).toEqual([])
    await page.getByRole('button', { name: 'Delete grace@example.com' }).click()
    expect(await violations()).toEqual([])
  })
}
