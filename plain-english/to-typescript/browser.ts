/** The sentences about a page and its elements. Those about uploads and downloads stay in English. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import { ariaRoles } from '../compile/element.ts'
import type { Token } from '../parse/document.ts'
import { containers, type Kind } from '../run/find-element.ts'
import { literal } from './expressions.ts'
import { type ScenarioCode, Untranslatable } from './scenario-code.ts'
import { at, type Translation, type Translations } from './translation.ts'

type Read = (code: ScenarioCode, argument: StepArgument) => string

const text: Read = (code, argument) => code.text(argument)
const number: Read = (code, argument) => code.number(argument)

interface Act {
  /** The places of the element and of the value among the values of the sentence. */
  element?: number
  value?: number
  kind?: Kind
  /** Whether the page may open a tab, as after a click. */
  mayOpenTab?: boolean
}

/** `await locator.method(value)`. */
const act =
  (method: string, { element = 0, value, kind, mayOpenTab = false }: Act = {}): Translation =>
  (code, values) => {
    const given = value === undefined ? '' : text(code, at(values, value))
    code.acts(mayOpenTab)
    code.line(`await ${locator(code, at(values, element), kind)}.${method.replace('…', () => given)}`)
  }

/** `await expect(locator).matcher(value)`. */
const claim =
  (matcher: string, ...reads: readonly Read[]): Translation =>
  (code, values) => {
    const given = reads.map((read, index) => read(code, at(values, index + 1))).join(', ')
    code.line(`await ${code.expect}(${locator(code, at(values, 0))}).${matcher}(${given})`)
  }

/** A claim about the tab. */
const onPage =
  (call: string, read: Read = text): Translation =>
  (code, values) =>
    code.line(
      `await ${call
        .replace('page', code.page)
        .replace('expect', code.expect)
        .replace('…', () => read(code, at(values, 0)))}`,
    )

/** What the tab does. */
const tabDoes =
  (call: string, { read = text, mayOpenTab = false }: { read?: Read; mayOpenTab?: boolean } = {}): Translation =>
  (code, values) => {
    code.acts(mayOpenTab)
    code.line(`await ${code.page}.${call.replace('…', () => read(code, at(values, 0)))}`)
  }

/** A claim about the content of the tab or of the frame. */
const inScope =
  (matcher: string): Translation =>
  (code, values) =>
    code.line(`await ${code.expect}(${code.scope}.locator('body')).${matcher}(${text(code, at(values, 0))})`)

const hidden: Translation = (code, values) =>
  code.line(`await ${code.expect}(${locator(code, at(values, 0))}.filter({ visible: true })).toHaveCount(0)`)

const pattern: Read = (code, argument) => code.pattern(argument)
const url: Read = (code, argument) => code.url(argument)

/** Stores what an expression returns for the element. */
const save =
  (method: string, name: number, element = 0, kind?: Kind): Translation =>
  (code, values) => {
    const expression = `await ${locator(code, at(values, element), kind)}.${method.replace('…', () => text(code, at(values, 0)))}`
    code.assign(code.define(code.word(at(values, name))), expression)
  }

const check =
  (method: 'check' | 'uncheck'): Translation =>
  (code, values) => {
    code.acts(false)
    code.line(`await ${checkbox(code, at(values, 0))}.${method}()`)
  }

export const browser: Translations = {
  'Open {url}': (code, values) => {
    code.enterFrame(undefined)
    tabDoes('goto(…)', { read: url })(code, values, () => undefined)
  },
  'Click {element}': act('click()', { mayOpenTab: true }),
  'Double Click {element}': act('dblclick()', { mayOpenTab: true }),
  'Right Click {element}': act("click({ button: 'right' })", { mayOpenTab: true }),
  'Hover Over {element}': act('hover()'),
  'Drag {element} To {element}': (code, values) => {
    code.acts(false)
    code.line(`await ${locator(code, at(values, 0))}.dragTo(${locator(code, at(values, 1))})`)
  },
  'Fill {element} With {string}': act('fill(…)', { value: 1, kind: 'field' }),
  'Type {string} Into {element}': act('pressSequentially(…)', { element: 1, value: 0, kind: 'field' }),
  'Clear {element}': act('clear()', { kind: 'field' }),
  'Select {string} In {element}': act('selectOption(…)', { element: 1, value: 0, kind: 'field' }),
  'Check {element}': check('check'),
  'Uncheck {element}': check('uncheck'),
  'Press {text}': tabDoes('keyboard.press(…)', { mayOpenTab: true }),
  'Press {text} In {element}': act('press(…)', { element: 1, value: 0, mayOpenTab: true }),
  'Focus {element}': act('focus()'),
  'Scroll To {element}': act('scrollIntoViewIfNeeded()'),
  'Scroll To The Bottom': tabDoes('evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))'),
  'Go Back': tabDoes('goBack()'),
  'Go Forward': tabDoes('goForward()'),
  'Reload The Page': tabDoes('reload()'),
  'Set Window Size To {int} By {int}': (code, values) => {
    const [width, height] = [number(code, at(values, 0)), number(code, at(values, 1))]
    code.acts(false)
    code.line(`await ${code.page}.setViewportSize({ width: ${width}, height: ${height} })`)
  },
  'Wait At Most {duration}': (code, values) => {
    const longest = code.timeout(at(values, 0))
    code.line(`test.setTimeout(test.info().timeout + ${longest})`)
    code.line(`${code.page}.context().setDefaultTimeout(${longest})`)
    code.waitAtMost(longest)
  },
  'Wait For {element}': (code, values) => waitFor(code, at(values, 0), code.wait(15_000)),
  'Wait For {element} At Most {duration}': (code, values) => {
    const longest = code.timeout(at(values, 1))
    code.line(`test.setTimeout(test.info().timeout + ${longest})`)
    waitFor(code, at(values, 0), longest)
  },
  'Wait Until {element} Is Gone': (code, values) =>
    code.line(
      `await expect(${locator(code, at(values, 0))}.filter({ visible: true })).toHaveCount(0, { timeout: ${code.wait(15_000)} })`,
    ),
  'Page Should Contain {string}': inScope('toContainText'),
  'Page Should Not Contain {string}': inScope('not.toContainText'),
  'Title Should Be {string}': onPage('expect(page).toHaveTitle(…)'),
  'Page Title Should Be {string}': onPage('expect(page).toHaveTitle(…)'),
  'Page Title Should Contain {string}': onPage('expect.poll(() => page.title()).toContain(…)'),
  'Address Should Be {url}': onPage('expect(page).toHaveURL(…)', url),
  'Address Should Contain {text}': onPage('expect.poll(() => page.url()).toContain(…)'),
  'Url Should Match {pattern}': onPage('expect(page).toHaveURL(…)', pattern),
  'Address Should Match {pattern}': onPage('expect(page).toHaveURL(…)', pattern),
  'Save Address As {name}': (code, values) => code.assign(code.define(code.word(at(values, 0))), `${code.page}.url()`),
  'Element {element} Should Be Visible': claim('toBeVisible'),
  'Element {element} Should Not Be Visible': hidden,
  'Element {element} Should Be Hidden': hidden,
  'Element {element} Should Be Checked': claim('toBeChecked'),
  'Element {element} Should Not Be Checked': claim('not.toBeChecked'),
  'Element {element} Should Be Partly Checked': (code, values) =>
    code.line(`await ${code.expect}(${locator(code, at(values, 0))}).toBeChecked({ indeterminate: true })`),
  'Element {element} Should Be Disabled': claim('toBeDisabled'),
  'Element {element} Should Be Enabled': claim('toBeEnabled'),
  'Element {element} Should Be Editable': claim('toBeEditable'),
  'Element {element} Should Be Focused': claim('toBeFocused'),
  'Element {element} Should Be Empty': claim('toBeEmpty'),
  'Element {element} Should Have Text {string}': claim('toHaveText', text),
  'Element {element} Should Contain Text {string}': claim('toContainText', text),
  'Element {element} Should Not Contain Text {string}': claim('not.toContainText', text),
  'Element {element} Should Match Text {pattern}': claim('toContainText', pattern),
  'Element {element} Should Have Attribute {text} {string}': claim('toHaveAttribute', text, text),
  'Element {element} Should Have Class {text}': claim('toContainClass', text),
  'Element {element} Should Have Style {text} {string}': claim('toHaveCSS', text, text),
  'Save Text Of {element} As {name}': (code, values) =>
    code.assign(code.define(code.word(at(values, 1))), `(await ${locator(code, at(values, 0))}.innerText()).trim()`),
  'Save Value Of {element} As {name}': save('inputValue()', 1, 0, 'field'),
  'Save Attribute {text} Of {element} As {name}': save('getAttribute(…)', 2, 1),
  'The Date Is {text}': (code, values) => {
    const date = code.constant(at(values, 0))
    if (!code.hasPage) throw new Untranslatable('it has no page whose clock could be set')
    if (!/^\d{4}-/.test(date)) throw new Untranslatable('its date depends on the day')
    code.line(`await ${code.use('page')}.clock.setFixedTime(${literal(date)})`)
  },
  'Take Screenshot': code => {
    const options = code.wait(0) === 0 ? '' : '{ timeout: 0 }'
    code.line(
      `await test.info().attach('screenshot', { body: await ${code.page}.screenshot(${options}), contentType: 'image/png' })`,
    )
  },
}

function waitFor(code: ScenarioCode, argument: StepArgument, longest: number): void {
  code.line(`await expect(${locator(code, argument)}).toBeVisible({ timeout: ${longest} })`)
}

/** The first element with the name, or the one of the place that is named. */
function locator(code: ScenarioCode, { tokens }: Pick<StepArgument, 'tokens'>, kind: Kind = 'any'): string {
  const { role, place } = code.element({ tokens })
  // The text of a button, for instance, would count beside the button.
  if (role === undefined && kind === 'any' && place) throw new Untranslatable('one of several has no role')
  return placed(allOf(code, tokens, kind), place)
}

function placed(all: string, place: number | undefined): string {
  if (place === undefined) return `${all}.first()`
  return `${all}.filter({ visible: true }).${place < 0 ? 'last()' : `nth(${place})`}`
}

/** All of them, within the one after `in`. */
function allOf(code: ScenarioCode, tokens: readonly Token[], kind: Kind): string {
  const place = tokens.findIndex(isIn)
  const own = place < 0 ? tokens : tokens.slice(0, place)
  const scope = place < 0 ? code.scope : locator(code, { tokens: tokens.slice(place + 1) })
  const last = own.slice(-1)
  if (last.length === 0) throw new Untranslatable('an element has no name')
  const name = code.text({ tokens: last })
  const role = code.element({ tokens: own }).role
  const [first = '', ...others] = candidates(scope, role, name, kind)
  return `${first}${others.map(other => `.or(${other})`).join('')}`
}

function isIn(token: Token): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === 'in'
}

function candidates(scope: string, role: string | undefined, name: string, kind: Kind): string[] {
  if (role === 'css') return [`${scope}.locator(${name})`]
  if (role === 'text') return [`${scope}.getByText(${name})`]
  if (role === 'placeholder') return [`${scope}.getByPlaceholder(${name})`]
  if (role === 'test id') return [`${scope}.getByTestId(${name})`]
  const labels = [`${scope}.getByLabel(${name})`, `${scope}.getByPlaceholder(${name})`]
  if (role === undefined && kind === 'field') return labels
  const roles: readonly string[] = role === undefined ? ['button', 'link', 'tab', 'menuitem'] : ariaRoles(role)
  return [
    ...roles.map(one => `${scope}.getByRole(${literal(one)}, { name: ${name} })`),
    ...(role === 'field' || kind === 'field' ? labels : []),
    ...(role === undefined ? [labels[0] ?? '', `${scope}.getByText(${name}, { exact: true })`] : []),
    ...(role !== undefined && containers.includes(role)
      ? roles.map(one => `${scope}.getByRole(${literal(one)}).filter({ hasText: ${name} })`)
      : []),
  ]
}

function checkbox(code: ScenarioCode, argument: StepArgument): string {
  const { role, place } = code.element(argument)
  if (role !== undefined) return locator(code, argument, 'field')
  const name = argument.tokens.slice(-1)
  const own = code.text({ tokens: name })
  if (argument.tokens.some(isIn)) throw new Untranslatable('the checkbox is named within another element')
  const { scope } = code
  return placed(`${scope}.getByRole('checkbox', { name: ${own} }).or(${scope}.getByLabel(${own}))`, place)
}
