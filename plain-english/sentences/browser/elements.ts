/** Sentences about the elements of a page: what they show, their state, and how many there are. */
import type { expect, Locator, Page } from '@playwright/test'
import { type Element, elementText } from '../../compile/element.ts'
import type { JsonValue } from '../../parse/json/json.ts'
import { assertThat } from '../../run/assertion.ts'
import { countOf, locate } from '../../run/find-element.ts'
import { optionsOf } from '../../run/options.ts'
import { assertOnPage } from '../../run/page-assertion.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

/** Playwright's `expect`, with the patience of the scenario. */
type Expect = typeof expect

/** Assertions about a state, by the end of the sentence. */
const states: readonly [
  words: string,
  meaning: string,
  example: string,
  (expect: Expect, it: Locator) => Promise<void>,
][] = [
  ['Be Checked', 'the checkbox is checked', '"I agree"', (expect, it) => expect(it).toBeChecked()],
  ['Not Be Checked', 'the checkbox is not checked', '"I agree"', (expect, it) => expect(it).not.toBeChecked()],
  [
    'Be Partly Checked',
    'the checkbox is neither checked nor unchecked, as that of a group with some checked',
    '"All"',
    (expect, it) => expect(it).toBeChecked({ indeterminate: true }),
  ],
  ['Be Disabled', 'the element is disabled', 'button "Add"', (expect, it) => expect(it).toBeDisabled()],
  ['Be Enabled', 'the element is not disabled', 'button "Add"', (expect, it) => expect(it).toBeEnabled()],
  ['Be Editable', 'the field can be filled in', 'field "Name"', (expect, it) => expect(it).toBeEditable()],
  ['Be Focused', 'the element has the focus', 'field "Name"', (expect, it) => expect(it).toBeFocused()],
  [
    'Be Empty',
    'the field has no value, or the element no content',
    'list "Users"',
    (expect, it) => expect(it).toBeEmpty(),
  ],
]

/** Assertions about a text, by the words before it. */
const texts: readonly [
  words: string,
  meaning: string,
  example: string,
  (expect: Expect, it: Locator, wanted: string) => Promise<void>,
][] = [
  [
    'Have Text',
    'the whole text is this one, apart from spaces',
    '"1 user"',
    (expect, it, wanted) => expect(it).toHaveText(wanted),
  ],
  ['Contain Text', 'the text contains this one', '"Ada"', (expect, it, wanted) => expect(it).toContainText(wanted)],
  [
    'Not Contain Text',
    'the text does not contain this one',
    '"Grace"',
    (expect, it, wanted) => expect(it).not.toContainText(wanted),
  ],
  ['Have Value', 'the field has this value', '"ada@example.com"', haveValue],
]

/** What examples are about. */
const subjects: Readonly<Record<string, string>> = {
  'Have Text': 'status "Users"',
  'Contain Text': 'list "Users"',
  'Not Contain Text': 'list "Users"',
  'Have Value': 'field "Email"',
}

export const elements = [
  defineSentence(
    'Element {element} Should Be Visible',
    async ({ page }, element) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      await assertOnPage(claim(element, 'be visible'), () =>
        pages.expect(found.filter({ visible: true }).first()).toBeVisible(),
      )
    },
    { meaning: 'the element is visible; waits for it', example: 'Element button "Add" Should Be Visible' },
  ),
  ...(['Not Be Visible', 'Be Hidden'] as const).map(words =>
    defineSentence(
      `Element {element} Should ${words}`,
      async ({ page }, element) => {
        const pages = pagesOf(page)
        const scope = await pages.scope()
        await pages.expect
          .poll(async () => (await (await locate(scope, element, 'any'))?.filter({ visible: true }).count()) ?? 0, {
            message: `${elementText(element)} is visible`,
          })
          .toBe(0)
      },
      { meaning: 'the element is missing or hidden', example: `Element dialog "Sign in" Should ${words}` },
    ),
  ),
  ...states.map(([words, meaning, example, assertion]) =>
    defineSentence(
      `Element {element} Should ${words}`,
      async ({ page }, element) => {
        const pages = pagesOf(page)
        const found = await pages.find(element)
        await assertOnPage(claim(element, words.toLowerCase()), () => assertion(pages.expect, found))
      },
      { meaning, example: `Element ${example} Should ${words}` },
    ),
  ),
  ...texts.map(([words, meaning, example, assertion]) =>
    defineSentence(
      `Element {element} Should ${words} {string}`,
      async ({ page }, element, wanted) => {
        const pages = pagesOf(page)
        const found = await pages.find(element)
        await assertOnPage(claim(element, words.toLowerCase(), wanted), () => assertion(pages.expect, found, wanted))
      },
      { meaning, example: `Element ${subjects[words]} Should ${words} ${example}` },
    ),
  ),
  defineSentence(
    'Element {element} Should Match Text {pattern}',
    async ({ page }, element, pattern) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      await assertOnPage(claim(element, 'match text', pattern), () => pages.expect(found).toContainText(pattern))
    },
    {
      meaning: 'a part of the text matches the regular expression',
      example: 'Element status "Order" Should Match Text "No\\. \\d+"',
    },
  ),
  defineSentence(
    'Element {element} Should Have Attribute {text} {string}',
    async ({ page }, element, name, wanted) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      await assertOnPage(claim(element, `have attribute ${name}`, wanted), () =>
        pages.expect(found).toHaveAttribute(name, wanted),
      )
    },
    {
      meaning: 'the attribute has this value',
      example: 'Element link "Help" Should Have Attribute href "/help"',
    },
  ),
  defineSentence(
    'Element {element} Should Have Class {text}',
    async ({ page }, element, wanted) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      await assertOnPage(claim(element, 'have class', wanted), () => pages.expect(found).toContainClass(wanted))
    },
    { meaning: 'the element has this CSS class', example: 'Element row "Ada" Should Have Class selected' },
  ),
  defineSentence(
    'Element {element} Should Have Style {text} {string}',
    async ({ page }, element, name, wanted) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      await assertOnPage(claim(element, `have style ${name}`, wanted), () =>
        pages.expect(found).toHaveCSS(name, wanted),
      )
    },
    {
      meaning: 'the property of CSS has this value, as the browser computes it',
      example: 'Element button "Pay" Should Have Style color "rgb(255, 0, 0)"',
    },
  ),
  defineSentence(
    'Element {element} Should Have Options {json}',
    ({ page }, element, options) => expectOptions(page, element, 'option', optionsOf(options), 'have options'),
    {
      meaning: 'the list has these options, in this order',
      example: 'Element "Plan" Should Have Options ["Free", "Pro"]',
    },
  ),
  defineSentence(
    'Element {element} Should Have Selected Options {json}',
    ({ page }, element, options) =>
      expectOptions(page, element, 'option:checked', optionsOf(options), 'have selected options'),
    {
      meaning: 'these options of the list are selected, and no others',
      example: 'Element "Colours" Should Have Selected Options ["Red", "Blue"]',
    },
  ),
  defineSentence(
    'There Should Be {int} Element(s) {element}',
    ({ page }, wanted, element) => expectCount(page, { element }, wanted, elementText(element)),
    { meaning: 'this many elements have the name; waits for them', example: 'There Should Be 3 Elements css "li"' },
  ),
  defineSentence(
    'There Should Be {int} {kind}',
    ({ page }, wanted, kind) => expectCount(page, { kind }, wanted, kind),
    { meaning: 'there are this many elements of this kind; waits for them', example: 'There Should Be 3 rows' },
  ),
  defineSentence(
    'There Should Be {int} {kind} In {element}',
    ({ page }, wanted, kind, within) =>
      expectCount(page, { kind, within }, wanted, `${kind} in ${elementText(within)}`),
    { meaning: 'the same within an element', example: 'There Should Be 3 items In list "Users"' },
  ),
  defineSentence(
    'Save Text Of {element} As {name}',
    async ({ page, scenario }, element, name) => {
      const found = await pagesOf(page).find(element)
      // biome-ignore lint/performance/useDomNodeTextContent: the text as a reader of the page sees it
      scenario.variables.set(name, (await found.innerText()).trim())
    },
    {
      meaning: 'stores the text for the following sentences, as ${name}',
      example: 'Save Text Of cell "Total" As total',
    },
  ),
  defineSentence(
    'Save Value Of {element} As {name}',
    async ({ page, scenario }, element, name) => {
      const found = await pagesOf(page).find(element, 'field')
      scenario.variables.set(name, await found.inputValue())
    },
    { meaning: 'stores the value of a field', example: 'Save Value Of "Email" As email' },
  ),
  defineSentence(
    'Save Attribute {text} Of {element} As {name}',
    async ({ page, scenario }, attribute, element, name) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      const value = await found.getAttribute(attribute)
      if (value === null) throw new Error(`${elementText(element)} has no attribute ${attribute}.`)
      scenario.variables.set(name, value)
    },
    { meaning: 'stores the value of an attribute', example: 'Save Attribute href Of link "Help" As url' },
  ),
]

function claim(element: Element, words: string, ...wanted: readonly (string | RegExp)[]) {
  return {
    subject: elementText(element),
    words: `should ${words}`,
    ...(wanted.length > 0 && { wanted: wanted[0] as JsonValue | RegExp }),
  }
}

async function expectOptions(
  page: Page,
  element: Element,
  selector: string,
  wanted: readonly string[],
  words: string,
): Promise<void> {
  const pages = pagesOf(page)
  const found = await pages.find(element, 'field')
  await assertOnPage({ subject: elementText(element), words: `should ${words}`, wanted }, () =>
    pages.expect(found.locator(selector)).toHaveText(wanted),
  )
}

/** Of a list, the value or the label of its chosen option. */
async function haveValue(expect: Expect, it: Locator, wanted: string): Promise<void> {
  const option = it.locator('option:checked')
  if ((await option.count()) === 0) return expect(it).toHaveValue(wanted)
  await expect.poll(async () => [await it.inputValue(), (await option.textContent())?.trim()]).toContain(wanted)
}

async function expectCount(page: Page, of: Parameters<typeof countOf>[1], wanted: number, what: string): Promise<void> {
  const pages = pagesOf(page)
  const count = await countOf(await pages.scope(), of, wanted, pages.wait())
  assertThat(count, { subject: `the number of elements ${what}`, words: 'should be', wanted }, it => it.toBe(wanted))
}
