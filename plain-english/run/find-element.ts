/** Finds an element of a page: first by role and name, then by label, then by text. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Frame, Locator, Page } from '@playwright/test'
import { ariaRoles, type Element, elementText } from '../compile/element.ts'
import { nearestElements, wordedSnapshot } from './nearest-elements.ts'

/** How long sentences wait for a page if the scenario does not say it, in milliseconds. */
export const patience = 5000

/** Between two attempts, in milliseconds: a tenth of the time since the first one, within these. */
const [shortestPause, longestPause] = [50, 500]

/** Roles of elements that can be clicked, in the order of the search. */
const clickable = ['button', 'link', 'checkbox', 'radio', 'tab', 'menuitem', 'option', 'switch', 'combobox'] as const

/** Roles whose name is seldom written by authors: they are also found by a text that they contain. */
export const containers: readonly string[] = [
  'row',
  'cell',
  'item',
  'list',
  'table',
  'article',
  'group',
  'region',
  'form',
  'dialog',
  'navigation',
]

/** `field`: only elements that take input. */
export type Kind = 'any' | 'field'

/** What elements are searched in. */
type Scope = Page | Frame | Locator

/** Throws an error with the nearest elements and a snapshot of the page if the element does not appear. */
export async function find(scope: Scope, element: Element, kind: Kind = 'any', wait = patience): Promise<Locator> {
  const found = await until(wait, () => locate(scope, element, kind))
  if (found) return found
  throw new Error(await notFound(scope, element, wait))
}

/** The element if it is there now. If several have the name and one of them is visible, that one. */
export async function locate(
  scope: Scope,
  { within, place, ...element }: Element,
  kind: Kind,
): Promise<Locator | undefined> {
  const outer = within ? await locate(scope, within, 'any') : scope
  if (!outer) return undefined
  for (const candidate of candidatesFor(outer, element, kind)) {
    const count = await candidate.count()
    if (count === 0) continue
    const visible = candidate.filter({ visible: true })
    if (place !== undefined) {
      if ((await visible.count()) > Math.max(place, 0)) return visible.nth(place)
      continue
    }
    return count > 1 && (await visible.count()) === 1 ? visible : candidate
  }
  return undefined
}

/** How many elements there are of a role, or with a name; repeats the count until it is as wanted, or for `wait` milliseconds. */
export async function countOf(
  scope: Scope,
  of: { kind: string; within?: Element | undefined } | { element: Element },
  wanted: number,
  wait: number,
): Promise<number> {
  let count = 0
  await until(wait, async () => {
    count = await countNow(scope, of)
    return count === wanted || undefined
  })
  return count
}

async function countNow(
  scope: Scope,
  of: { kind: string; within?: Element | undefined } | { element: Element },
): Promise<number> {
  if ('element' in of) {
    const located = await locate(scope, of.element, 'any')
    return located ? located.count() : 0
  }
  const outer = of.within ? await locate(scope, of.within, 'any') : scope
  if (!outer) return 0
  const [first, ...others] = ariaRoles(of.kind).map(role => outer.getByRole(role))
  return first ? others.reduce((one, other) => one.or(other), first).count() : 0
}

/**
 * Selects options by their labels or, where no option has the label, by their values, and no others. Throws an error that lists
 * the options if one is missing after `wait` milliseconds, and an error if the list takes only one of several.
 */
export async function choose(list: Locator, element: Element, chosen: readonly string[], wait: number): Promise<void> {
  let options: string[] = []
  let values: string[] = []
  const isLabel = (option: string) => options.includes(option)
  const missing = () => chosen.find(option => !isLabel(option) && !values.includes(option))
  await until(wait, async () => {
    options = (await list.locator('option').allInnerTexts()).map(text => text.trim())
    values = await list.locator('option').evaluateAll(all => all.map(it => (it as HTMLOptionElement).value))
    return missing() === undefined || undefined
  })
  const unknown = missing()
  if (unknown !== undefined) {
    throw new Error(
      `${elementText(element)} has no option ${JSON.stringify(unknown)}; its options: ${options.join(', ') || 'none'}.`,
    )
  }
  const selected = await list.selectOption(
    chosen.map(option => (isLabel(option) ? { label: option } : { value: option })),
  )
  // Playwright selects the first one in a list that takes only one.
  if (selected.length < new Set(chosen).size) {
    throw new Error(`${elementText(element)} takes only one option, not all of ${chosen.join(', ')}: select one.`)
  }
}

/** Repeats `attempt` until it returns a value, for at most `wait` milliseconds; undefined then. */
export async function until<T>(wait: number, attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  const begun = Date.now()
  for (;;) {
    const value = await attempt()
    const waited = Date.now() - begun
    if (value !== undefined || waited >= wait) return value
    // Each attempt may search the page some twenty times: what is late need not be found within milliseconds.
    await delay(Math.min(Math.max(shortestPause, waited / 10), longestPause, wait - waited))
  }
}

function candidatesFor(scope: Scope, { role, name }: Element, kind: Kind): Locator[] {
  if (role === 'css') return [scope.locator(name)]
  if (role === 'text') return [scope.getByText(name, { exact: true }), scope.getByText(name)]
  if (role === 'placeholder') return [scope.getByPlaceholder(name, { exact: true }), scope.getByPlaceholder(name)]
  if (role === 'test id') return [scope.getByTestId(name)]
  const roles = role === undefined ? (kind === 'any' ? clickable : []) : ariaRoles(role)
  const byName = [true, false].flatMap(exact => [
    ...roles.map(one => scope.getByRole(one, { name, exact })),
    ...(role === undefined || role === 'field' || kind === 'field' ? [scope.getByLabel(name, { exact })] : []),
    ...((role === undefined && kind === 'field') || role === 'field' ? [scope.getByPlaceholder(name, { exact })] : []),
    ...(role === undefined && kind === 'any'
      ? [scope.getByRole('heading', { name, exact }), scope.getByText(name, { exact })]
      : []),
  ])
  const byContent =
    role !== undefined && containers.includes(role)
      ? roles.map(one => scope.getByRole(one).filter({ hasText: name }))
      : []
  return [...byName, ...byContent]
}

async function notFound(scope: Scope, element: Element, wait: number): Promise<string> {
  const { within, ...own } = element
  const outer = within ? await locate(scope, within, 'any') : scope
  if (within && !outer) return notFound(scope, within, wait)
  const searched = within ? (outer ?? scope).locator('xpath=.') : scope.locator('body')
  // The scenario can have a shorter timeout, which is not that of the message.
  const snapshot = await searched.ariaSnapshot({ timeout: patience })
  const nearest = nearestElements(snapshot, own)
  const what = `There is no ${own.role === undefined ? 'element ' : ''}${elementText(element)} after ${wait / 1000} s`
  const alike = own.place === undefined ? undefined : await locate(outer ?? scope, { ...own, place: undefined }, 'any')
  const visible = (await alike?.filter({ visible: true }).count()) ?? 0
  const others = visible > 0 ? `of that name, ${visible} ${visible === 1 ? 'is' : 'are'} visible` : ''
  const suggestion = others || (nearest.length > 0 ? `nearest: ${nearest.join(', ')}` : '')
  return `${what}${suggestion && `; ${suggestion}`}. The page contains:\n  ${wordedSnapshot(snapshot)}`
}
