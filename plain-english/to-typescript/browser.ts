/** The sentences about a page. */

import type { StepArgument } from '../compile/compiled-scenario.ts'
import { ariaRoles, type Element } from '../compile/element.ts'
import { literal } from './expressions.ts'
import { type ScenarioCode, Untranslatable } from './scenario-code.ts'
import { at, type Translations } from './translation.ts'

export const browser: Translations = {
  'Open {url}': (code, values) => code.line(`await ${code.use('page')}.goto(${code.url(at(values, 0))})`),
  'Click {element}': (code, values) => code.line(`await ${locator(code, at(values, 0))}.click()`),
  'Fill {string} With {string}': (code, values) =>
    code.line(`await ${field(code, at(values, 0))}.fill(${code.text(at(values, 1))})`),
  'Select {string} In {string}': (code, values) =>
    code.line(`await ${field(code, at(values, 1))}.selectOption({ label: ${code.text(at(values, 0))} })`),
  'Check {string}': (code, values) => code.line(`await ${checkbox(code, at(values, 0))}.check()`),
  'Uncheck {string}': (code, values) => code.line(`await ${checkbox(code, at(values, 0))}.uncheck()`),
  'Press {text}': (code, values) => code.line(`await ${code.use('page')}.keyboard.press(${code.text(at(values, 0))})`),
  'Page Should Contain {string}': (code, values) =>
    code.line(`await expect(${code.use('page')}.locator('body')).toContainText(${code.text(at(values, 0))})`),
  'Page Should Not Contain {string}': (code, values) =>
    code.line(`await expect(${code.use('page')}.locator('body')).not.toContainText(${code.text(at(values, 0))})`),
  'Title Should Be {string}': (code, values) =>
    code.line(`await expect(${code.use('page')}).toHaveTitle(${code.text(at(values, 0))})`),
  'Url Should Match {pattern}': (code, values) =>
    code.line(`await expect(${code.use('page')}).toHaveURL(${code.pattern(at(values, 0))})`),
  'Element {element} Should Be Visible': (code, values) =>
    code.line(`await expect(${locator(code, at(values, 0))}).toBeVisible()`),
  'Element {element} Should Not Be Visible': (code, values) =>
    code.line(`await expect(${locator(code, at(values, 0))}).not.toBeVisible()`),
  'Take Screenshot': code =>
    code.line(
      `await test.info().attach('screenshot', { body: await ${code.use('page')}.screenshot(), contentType: 'image/png' })`,
    ),
}

/** The first element with the role and the name; without a role, of those that can be clicked, or with the text. */
function locator(code: ScenarioCode, argument: StepArgument): string {
  const { role, name } = code.element(argument)
  const text = nameText(code, argument, name)
  const page = code.use('page')
  if (role === 'css') return `${page}.locator(${text}).first()`
  if (role === 'text') return `${page}.getByText(${text}).first()`
  const roles: readonly string[] = role === undefined ? ['button', 'link', 'tab', 'menuitem'] : ariaRoles(role)
  const choices = [
    ...roles.map(one => `${page}.getByRole(${literal(one)}, { name: ${text} })`),
    ...(role === undefined || role === 'field' ? [`${page}.getByLabel(${text})`] : []),
  ]
  const [first = '', ...others] = choices
  return `${first}${others.map(other => `.or(${other})`).join('')}.first()`
}

function field(code: ScenarioCode, argument: StepArgument): string {
  const text = code.text(argument)
  return `${code.use('page')}.getByLabel(${text}).or(page.getByPlaceholder(${text})).first()`
}

function checkbox(code: ScenarioCode, argument: StepArgument): string {
  return `${code.use('page')}.getByRole('checkbox', { name: ${code.text(argument)} }).first()`
}

function nameText(code: ScenarioCode, { tokens }: StepArgument, name: Element['name']): string {
  const last = tokens.slice(-1)
  if (last.length === 0) throw new Untranslatable(`the element ${name} has no name`)
  return code.text({ parameter: 'string', tokens: last, inner: undefined, steps: undefined })
}
