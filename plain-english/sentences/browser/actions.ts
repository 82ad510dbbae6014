/** Sentences that act on a page: open, click, fill in, scroll, wait. */
import type { Page } from '@playwright/test'
import { type Element, elementText } from '../../compile/element.ts'
import { literalPattern } from '../../parse/literal-pattern.ts'
import { addToTimeout } from '../../run/add-to-timeout.ts'
import { choose, locate, until } from '../../run/find-element.ts'
import { optionsOf } from '../../run/options.ts'
import type { RunningScenario } from '../../run/running-scenario.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

/** How long sentences that begin with Wait do so, in milliseconds. */
const patience = 15_000

export const actions = [
  defineSentence('Open {url}', ({ page, scenario }, url) => pagesOf(page).open(scenario.url(url)), {
    meaning: 'opens a page',
    example: 'Open /',
  }),
  defineSentence('Click {element}', ({ page }, element) => pagesOf(page).actOn(element, found => found.click()), {
    meaning: 'clicks an element',
    example: 'Click "Add"',
  }),
  defineSentence(
    'Double Click {element}',
    ({ page }, element) => pagesOf(page).actOn(element, found => found.dblclick()),
    { meaning: 'clicks an element twice', example: 'Double Click cell "Total"' },
  ),
  defineSentence(
    'Right Click {element}',
    ({ page }, element) => pagesOf(page).actOn(element, found => found.click({ button: 'right' })),
    { meaning: 'clicks an element with the right mouse button', example: 'Right Click row "Ada"' },
  ),
  defineSentence('Hover Over {element}', ({ page }, element) => pagesOf(page).actOn(element, found => found.hover()), {
    meaning: 'moves the mouse over an element',
    example: 'Hover Over menu item "Reports"',
  }),
  defineSentence(
    'Drag {element} To {element}',
    async ({ page }, element, target) => {
      const pages = pagesOf(page)
      const to = await pages.find(target)
      await pages.actOn(element, found => found.dragTo(to))
    },
    { meaning: 'drags an element and drops it on another one', example: 'Drag "Invoice" To region "Done"' },
  ),
  defineSentence(
    'Fill {element} With {string}',
    ({ page }, element, text) => pagesOf(page).actOn(element, found => found.fill(text), 'field'),
    { meaning: 'fills in a field', example: 'Fill "Email" With "ada@example.com"' },
  ),
  defineSentence(
    'Type {string} Into {element}',
    ({ page }, text, element) => pagesOf(page).actOn(element, found => found.pressSequentially(text), 'field'),
    { meaning: 'types a text key by key, as for suggestions', example: 'Type "Lon" Into "City"' },
  ),
  defineSentence(
    'Clear {element}',
    ({ page }, element) => pagesOf(page).actOn(element, found => found.clear(), 'field'),
    { meaning: 'empties a field', example: 'Clear "Email"' },
  ),
  defineSentence(
    'Select {string} In {element}',
    ({ page }, option, element) =>
      pagesOf(page).actOn(element, found => choose(found, element, [option], pagesOf(page).wait()), 'field'),
    {
      meaning: 'selects an option of a list by its label, or by its value if none has the label',
      example: 'Select "Pro" In "Plan"',
    },
  ),
  defineSentence(
    'Select Options {json} In {element}',
    ({ page }, options, element) => {
      const chosen = optionsOf(options)
      return pagesOf(page).actOn(element, found => choose(found, element, chosen, pagesOf(page).wait()), 'field')
    },
    {
      meaning: 'selects these options of a list, and no others; [] for none',
      example: 'Select Options ["Red", "Blue"] In "Colours"',
    },
  ),
  defineSentence(
    'Check {element}',
    ({ page }, element) => pagesOf(page).actOn(checkbox(element), found => found.check(), 'field'),
    { meaning: 'checks a checkbox, or selects a radio button', example: 'Check "I agree"' },
  ),
  defineSentence(
    'Uncheck {element}',
    ({ page }, element) => pagesOf(page).actOn(checkbox(element), found => found.uncheck(), 'field'),
    { meaning: 'unchecks a checkbox', example: 'Uncheck "Newsletter"' },
  ),
  defineSentence('Press {text}', ({ page }, key) => pagesOf(page).act(it => it.keyboard.press(key)), {
    meaning: 'presses a key on the focused element',
    example: 'Press Enter',
  }),
  defineSentence(
    'Press {text} In {element}',
    ({ page }, key, element) => pagesOf(page).actOn(element, found => found.press(key)),
    { meaning: 'focuses an element and presses a key', example: 'Press Enter In "Search"' },
  ),
  defineSentence('Focus {element}', ({ page }, element) => pagesOf(page).actOn(element, found => found.focus()), {
    meaning: 'focuses an element',
    example: 'Focus "Email"',
  }),
  defineSentence(
    'Scroll To {element}',
    ({ page }, element) => pagesOf(page).actOn(element, found => found.scrollIntoViewIfNeeded()),
    { meaning: 'scrolls until the element is in view', example: 'Scroll To heading "Reviews"' },
  ),
  defineSentence(
    'Scroll To The Bottom',
    ({ page }) => pagesOf(page).act(it => it.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))),
    { meaning: 'scrolls to the end of the page', example: 'Scroll To The Bottom' },
  ),
  defineSentence('Go Back', ({ page }) => pagesOf(page).act(it => go(it, 'goBack')), {
    meaning: 'goes back in the history of the tab',
    example: 'Go Back',
  }),
  defineSentence('Go Forward', ({ page }) => pagesOf(page).act(it => go(it, 'goForward')), {
    meaning: 'goes forward in the history of the tab',
    example: 'Go Forward',
  }),
  defineSentence('Reload The Page', ({ page }) => pagesOf(page).act(it => it.reload()), {
    meaning: 'loads the page again',
    example: 'Reload The Page',
  }),
  defineSentence(
    'Set Window Size To {int} By {int}',
    ({ page }, width, height) => pagesOf(page).act(it => it.setViewportSize({ width, height })),
    { meaning: 'sets the width and the height of the page, in pixels', example: 'Set Window Size To 390 By 844' },
  ),
  defineSentence(
    'Wait At Most {duration}',
    ({ page }, longest) => {
      addToTimeout(longest)
      pagesOf(page).waitAtMost(longest)
    },
    {
      meaning: 'the following sentences wait at most this long for an element, a state or a response, not 5 s or 15 s',
      example: 'Wait At Most 30s',
    },
  ),
  defineSentence('Wait For {element}', ({ page }, element) => waitFor(page, element, pagesOf(page).wait(patience)), {
    meaning: 'waits until an element is visible, for at most 15 s',
    example: 'Wait For "Saved"',
  }),
  defineSentence(
    'Wait For {element} At Most {duration}',
    ({ page }, element, longest) => {
      addToTimeout(longest)
      return waitFor(page, element, longest)
    },
    {
      meaning: 'waits until an element is visible, for at most this long',
      example: 'Wait For link "Report" At Most 2 minutes',
    },
  ),
  defineSentence(
    'Wait Until {element} Is Gone',
    async ({ page }, element) => {
      const pages = pagesOf(page)
      const longest = pages.wait(patience)
      const scope = await pages.scope()
      const isGone = await until(longest, async () => {
        const found = await locate(scope, element, 'any')
        return !found || (await found.filter({ visible: true }).count()) === 0 || undefined
      })
      if (!isGone) throw new Error(`${elementText(element)} is still visible after ${longest / 1000} s.`)
    },
    {
      meaning: 'waits until an element is missing or hidden, for at most 15 s',
      example: 'Wait Until "Loading" Is Gone',
    },
  ),
  defineSentence('Wait For Response {url}', ({ page, scenario }, url) => waitForResponse(page, scenario, url), {
    meaning:
      'waits for a response to a request of the page; only to those that it has sent since the last sentence that acted on it',
    example: 'Wait For Response /api/orders',
  }),
  defineSentence(
    'Wait For Response {method} {url}',
    ({ page, scenario }, method, url) => waitForResponse(page, scenario, url, method),
    {
      meaning: 'the same for requests with this method; `*` stands for a part of the path',
      example: 'Wait For Response PATCH /api/orders/*',
    },
  ),
]

function checkbox(element: Element): Element {
  return { ...element, role: element.role ?? 'checkbox' }
}

async function go(page: Page, where: 'goBack' | 'goForward'): Promise<void> {
  const before = page.url()
  // A page that was kept in memory, or an entry that a script has added, has no response.
  const response = await page[where]()
  if (response === null && page.url() === before) {
    throw new Error(`There is no page to go ${where === 'goBack' ? 'back' : 'forward'} to in this tab.`)
  }
}

async function waitFor(page: Page, element: Element, longest: number): Promise<void> {
  const deadline = Date.now() + longest
  const pages = pagesOf(page)
  const found = await pages.find(element, 'any', longest)
  await pages
    .expect(found.filter({ visible: true }).first())
    .toBeVisible({ timeout: Math.max(1, deadline - Date.now()) })
}

async function waitForResponse(page: Page, scenario: RunningScenario, given: string, method?: string): Promise<void> {
  const pages = pagesOf(page)
  const longest = pages.wait(patience)
  // A page can send requests to any host.
  const wanted = new URL(scenario.addressOf(given))
  const path = new RegExp(`^${wanted.pathname.split('*').map(literalPattern).join('[^/]*')}$`)
  const response = await pages.response(response => {
    const { origin, pathname, search } = new URL(response.url())
    const isAddress =
      origin === wanted.origin && path.test(pathname) && (wanted.search === '' || search === wanted.search)
    return isAddress && (method === undefined || response.request().method() === method)
  }, longest)
  if (!response) {
    const what = method === undefined ? given : `${method} ${given}`
    const seen = pages.responseTexts.slice(-10).join(', ') || 'none'
    throw new Error(
      `No response of ${what} has arrived after ${longest / 1000} s; responses since the last action: ${seen}.`,
    )
  }
  await response.finished()
}
