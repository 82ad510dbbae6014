import { expect, test } from '../fixtures'

test.use({ storageState: { cookies: [], origins: [] } })

test('asks for a sign-in', async ({ page, request }) => {
  await page.goto('/')
  await expect(page).toHaveURL('/login')
  expect((await request.get('/api/notes')).status()).toBe(401)
})

test('refuses a wrong password', async ({ page, loginPage, userName }) => {
  await loginPage.goto()
  await loginPage.signIn(userName, 'wrong')
  await expect(page.getByRole('alert')).toHaveText('Name or password is wrong.')
})
