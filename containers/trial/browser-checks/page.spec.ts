import { expect, test } from 'reprise'

test('the page has a form', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByLabel('Name')).toBeVisible()
})
