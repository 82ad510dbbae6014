/** The sentences about the mails that the application has sent. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import { stringExpression } from './expressions.ts'
import { type ScenarioCode, Untranslatable } from './scenario-code.ts'
import { at, type Translation, type Translations } from './translation.ts'

export const mails: Translations = {
  'Wait For A Mail To {string}': received(),
  'The Mail To {string} Should Contain {string}': received(
    (code, wanted) => `it => it.text.replace(/\\s+/g, ' ').includes(${spaced(code, wanted)})`,
  ),
  'The Mail To {string} Should Have Subject {string}': received(
    (code, wanted) => `it => it.subject === ${code.text(wanted)}`,
  ),
  'The Mail To {string} Should Come From {string}': received(
    (code, wanted) => `it => it.from === ${code.text(wanted)}`,
  ),
  'The Mail To {string} Should Have Attachment {string}': received(
    (code, wanted) => `it => it.attachments.some(one => one.name === ${code.text(wanted)})`,
  ),
  'No Mail Should Be Sent To {string}': (code, values) => count(code, at(values, 0), '0'),
  '{int} Mail(s) Should Be Sent To {string}': (code, values) => count(code, at(values, 1), code.number(at(values, 0))),
  'Save Link In The Mail As {name}': (code, values) => save(code, at(values, 0), `${mail(code)}.links[0]?.url`),
  'Save Link {string} In The Mail As {name}': (code, values) => {
    const text = code.text(at(values, 0))
    save(code, at(values, 1), `${mail(code)}.links.find(it => it.text === ${text})?.url`)
  },
  'Save Match Of {pattern} In The Mail As {name}': (code, values) => {
    code.assign('found', `${code.pattern(at(values, 0))}.exec(${mail(code)}.text)`)
    save(code, at(values, 1), 'found?.[1] ?? found?.[0]')
  },
}

/** Waits for a mail to an address. @param where The condition, a function of a mail. */
function received(where?: (code: ScenarioCode, wanted: StepArgument) => string): Translation {
  return (code, values) => {
    const to = code.text(at(values, 0))
    const condition = where ? `, where: ${where(code, at(values, 1))}` : ''
    code.assign('received', `await ${code.use('mail')}.waitFor({ to: ${to}${condition} })`)
  }
}

function count(code: ScenarioCode, to: StepArgument, wanted: string): void {
  code.line(`expect(await ${code.use('mail')}.list({ to: ${code.text(to)} })).toHaveLength(${wanted})`)
}

function save(code: ScenarioCode, name: StepArgument, expression: string): void {
  const variable = code.define(code.word(name))
  code.assign(variable, `${expression} ?? ''`)
  code.line(`expect(${variable}).not.toBe('')`)
}

/** The mail that the last sentence with an address was about. */
function mail(code: ScenarioCode): string {
  if (!code.isDeclared('received')) throw new Untranslatable('no sentence above it waits for a mail')
  return 'received'
}

/** A text with white space collapsed, because mails have lines of a limited length. */
function spaced(code: ScenarioCode, { tokens: [token] }: StepArgument): string {
  if (token?.kind !== 'text') throw new Untranslatable('its text is no text in quotes')
  const parts = token.template.map(part => (typeof part === 'string' ? part.replace(/\s+/g, ' ') : part))
  return stringExpression(parts, code)
}
