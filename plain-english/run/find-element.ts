/** Finds on a page what a sentence names: by role and name first, then by its label, last by its text. */
import type { Locator, Page } from '@playwright/test'
import { ariaRoles, type Element } from '../compile/element.ts'

/** How long it may take to be there, in milliseconds, and how often is looked for it. */
const patience = 5000
const pause = 50

/** What people click, in the order in which it is looked for. */
const clickable = ['button', 'link', 'checkbox', 'radio', 'tab', 'menuitem', 'option', 'switch', 'combobox'] as const

/** Throws an error that says what is there if it does not appear. @param kind Whether only what takes input is meant. */
export async function find(page: Page, element: Element, kind: 'any' | 'field', wait = patience): Promise<Locator> {
  const candidates = candidatesFor(page, element, kind)
  const deadline = Date.now() + wait
  for (;;) {
    for (const candidate of candidates) if ((await candidate.count()) > 0) return candidate
    if (Date.now() >= deadline) throw new Error(await notFound(page, element))
    await page.waitForTimeout(pause)
  }
}

/** Chooses an option by its label. Throws an error that names the options if there is none of it. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  const list = await find(page, { role: undefined, name: label }, 'field')
  const deadline = Date.now() + patience
  for (;;) {
    const options = (await list.locator('option').allInnerTexts()).map(text => text.trim())
    if (options.includes(option)) break
    if (Date.now() >= deadline) {
      throw new Error(
        `${JSON.stringify(label)} has no option ${JSON.stringify(option)}; it has ${options.join(', ') || 'none'}.`,
      )
    }
    await page.waitForTimeout(pause)
  }
  await list.selectOption({ label: option })
}

function candidatesFor(page: Page, { role, name }: Element, kind: 'any' | 'field'): Locator[] {
  if (role === 'css') return [page.locator(name)]
  if (role === 'text') return [page.getByText(name, { exact: true }), page.getByText(name)]
  const roles = role === undefined ? (kind === 'any' ? clickable : []) : ariaRoles(role)
  return [true, false].flatMap(exact => [
    ...roles.map(one => page.getByRole(one, { name, exact })),
    ...(role === undefined || kind === 'field' ? [page.getByLabel(name, { exact })] : []),
    ...(role === undefined && kind === 'field' ? [page.getByPlaceholder(name, { exact })] : []),
    ...(role === undefined && kind === 'any'
      ? [page.getByRole('heading', { name, exact }), page.getByText(name, { exact })]
      : []),
  ])
}

async function notFound(page: Page, { role, name }: Element): Promise<string> {
  const snapshot = await page.locator('body').ariaSnapshot()
  const lines = snapshot.split('\n').slice(0, 30).join('\n  ')
  const what = role === undefined ? 'Nothing' : `No ${role}`
  return `${what} named ${JSON.stringify(name)} is on the page after ${patience / 1000} s. The page has:\n  ${lines}`
}
