/** The sentences about tabs, frames and dialogs. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import { patience } from '../run/find-element.ts'
import { literal } from './expressions.ts'
import type { ScenarioCode } from './scenario-code.ts'
import { at, type Translation, type Translations } from './translation.ts'

export const tabs: Translations = {
  'Open {url} In A New Tab': (code, values) => {
    const [url, opener] = [code.url(at(values, 0)), code.use('page')]
    const tab = code.fresh('tab')
    code.line(`const ${tab} = await ${opener}.context().newPage()`)
    code.enterTab(tab)
    code.acts(false)
    code.line(`await ${tab}.goto(${url})`)
  },
  'Switch To The New Tab': code => {
    const [opening, tab] = [code.fresh('opening'), code.fresh('tab')]
    code.lineBeforeNewTab(`const ${opening} = ${code.use('page')}.context().waitForEvent('page')`)
    code.line(`const ${tab} = await ${opening}`)
    code.line(`await ${tab}.waitForLoadState('domcontentloaded')`)
    code.enterTab(tab)
  },
  'Switch To The Tab {string}': (code, values) => {
    const text = code.text(at(values, 0))
    const tab = code.fresh('tab')
    const longest = code.wait(patience)
    const wait = longest === patience ? '' : `, ${longest}`
    code.line(`const ${tab} = await ${code.call('tabWith')}(${code.use('page')}, ${text}${wait})`)
    code.enterTab(tab)
  },
  'Close The Tab': code => {
    code.line(`await ${code.page}.close()`)
    code.leaveTab()
  },
  '{int} Tab(s) Should Be Open': (code, values) =>
    code.line(
      `await ${code.expect}.poll(() => ${code.use('page')}.context().pages().length).toBe(${code.number(at(values, 0))})`,
    ),
  'In Frame {string}': (code, values) => {
    const frame = code.fresh('frame')
    code.line(
      `const ${frame} = ${code.page}.locator(${literal(frameSelector(code.constant(at(values, 0))))}).first().contentFrame()`,
    )
    code.line(`await ${code.expect}(${frame}.owner()).toBeAttached()`)
    code.enterFrame(frame)
  },
  'Leave The Frame': code => code.enterFrame(undefined),
  'Accept The Next Dialog': answer('dialog.accept()'),
  'Dismiss The Next Dialog': answer('dialog.dismiss()'),
  'Answer The Next Dialog With {string}': answer('dialog.accept(…)'),
  'The Dialog Should Say {string}': (code, values) =>
    code.line(`await ${code.expect}.poll(() => ${dialogs(code)}.messages.at(-1)).toBe(${code.text(at(values, 0))})`),
}

function answer(call: string): Translation {
  return (code, values: readonly StepArgument[]) => {
    const [text] = values
    const given = text ? code.text(text) : ''
    code.line(`${dialogs(code)}.answers.push(dialog => ${call.replace('…', () => given)})`)
  }
}

function dialogs(code: ScenarioCode): string {
  return code.atFirst('dialogs', `${code.call('watchDialogs')}(${code.use('page')})`)
}

/** A frame by its title, label, name, id or address, as `In Frame` finds it. */
function frameSelector(name: string): string {
  const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`
  const attributes = ['title', 'aria-label', 'name', 'id', 'src']
  return `:is(iframe, frame):is(${[...attributes.map(attribute => `[${attribute}=${quoted}]`), `[src$=${quoted}]`].join(', ')})`
}
