/** Finds an element of a page: first by role and name, then by label, then by text. */
import type { Locator, Page } from '@playwright/test'
import { ariaRoles, type Element } from '../compile/element.ts'

/** The timeout and the interval of polling, in milliseconds. */
const patience = 5000
const pause = 50

/** Roles of elements that can be clicked, in the order of the search. */
const clickable = ['button', 'link', 'checkbox', 'radio', 'tab', 'menuitem', 'option', 'switch', 'combobox'] as const

/** Throws an error with a snapshot of the page if the element does not appear. @param kind `field`: only elements that take input. */
export async function find(page: Page, element: Element, kind: 'any' | 'field', wait = patience): Promise<Locator> {
  const candidates = candidatesFor(page, element, kind)
  const deadline = Date.now() + wait
  for (;;) {
    for (const candidate of candidates) if ((await candidate.count()) > 0) return candidate
    if (Date.now() >= deadline) throw new Error(await notFound(page, element))
    await page.waitForTimeout(pause)
  }
}

/** Selects an option by its label. Throws an error that lists the options if there is no such option. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  const list = await find(page, { role: undefined, name: label }, 'field')
  const deadline = Date.now() + patience
  for (;;) {
    const options = (await list.locator('option').allInnerTexts()).map(text => text.trim())
    if (options.includes(option)) break
    if (Date.now() >= deadline) {
      throw new Error(
        `${JSON.stringify(label)} has no option ${JSON.stringify(option)}; its options: ${options.join(', ') || 'none'}.`,
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
  const what = role ?? 'element'
  return `No ${what} named ${JSON.stringify(name)} is on the page after ${patience / 1000} s. The page contains:\n  ${lines}`
}
