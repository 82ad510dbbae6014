/** Signs in once; the other projects begin with the cookie. */
import { expect, test as setup } from './fixtures'

setup('sign in', { tag: '@smoke' }, async ({ page, loginPage, userName, password }) => {
  await loginPage.goto()
  await loginPage.signIn(userName, password)
  await expect(page.getByRole('heading', { name: `Notes of ${userName}` })).toBeVisible()
  await page.context().storageState({ path: '.auth/user.json' })
})
