/** The sentences about a field in the JSON of the last response. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import { match } from './responses.ts'
import { type ScenarioCode, Untranslatable } from './scenario-code.ts'
import { at, type Translation, type Translations } from './translation.ts'

/** `expect(field).matcher(value)`. */
const claim =
  (matcher: string, value: (code: ScenarioCode, argument: StepArgument) => string): Translation =>
  (code, values) =>
    code.line(`expect(${code.field(at(values, 0))}).${matcher}(${value(code, at(values, 1))})`)

const value = (code: ScenarioCode, argument: StepArgument) => code.value(argument)
const number = (code: ScenarioCode, argument: StepArgument) => code.number(argument)
const text = (code: ScenarioCode, argument: StepArgument) => code.text(argument)

/** What Playwright's `expect.any` has for the types of `Should Be a text`. */
const constructors: Readonly<Record<string, string>> = {
  'a number': 'Number',
  'a text': 'String',
  'a boolean': 'Boolean',
  'a list': 'Array',
}

/** Texts of a form. */
const patterns: Readonly<Record<string, string>> = {
  'a uuid': '/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i',
  'a url': '/^[a-z][a-z\\d+.-]*:/i',
  'an email address': '/^[^\\s@]+@[^\\s@]+\\.[^\\s@.]+$/',
}

const type =
  (not: string): Translation =>
  (code, values) => {
    const wanted = code.word(at(values, 1))
    const name = constructors[wanted.toLowerCase()]
    const pattern = patterns[wanted.toLowerCase()]
    if (name === undefined && pattern === undefined) throw new Untranslatable(`no translation of ${wanted}`)
    const field = code.field(at(values, 0))
    if (not !== '') code.line(`expect(${field}).toBeDefined()`)
    code.line(
      `expect(${field}).${not}toEqual(${pattern ? `expect.stringMatching(${pattern})` : `expect.any(${name})`})`,
    )
  }

const items =
  (matcher: string): Translation =>
  (code, values) =>
    code.line(`expect(${code.field(at(values, 0))}.length).${matcher}(${code.number(at(values, 1))})`)

export const fields: Translations = {
  'Field {field} Should Be {type}': type(''),
  'Field {field} Should Not Be {type}': type('not.'),
  'Field {field} Should Have At Least {int} Item(s)': items('toBeGreaterThanOrEqual'),
  'Field {field} Should Have At Most {int} Item(s)': items('toBeLessThanOrEqual'),
  'Field {field} Should Not Match {pattern}': (code, values) => {
    code.line(`expect(${code.field(at(values, 0))}).toBeDefined()`)
    code.line(`expect(String(${code.field(at(values, 0))})).not.toMatch(${code.pattern(at(values, 1))})`)
  },
  'Field {field} Should Not Be One Of {json}': (code, values) => {
    code.line(`expect(${code.field(at(values, 0))}).toBeDefined()`)
    code.line(`expect(${code.value(at(values, 1))}).not.toContainEqual(${code.field(at(values, 0))})`)
  },
  'Each Item Of {field} Should Match {json}': (code, values) => {
    code.line(`for (const item of ${code.field(at(values, 0))}) {`)
    match(code, at(values, 1), 'item')
    code.line('}')
  },
  'Field {field} Should Be {value}': claim('toEqual', value),
  'Field {field} Should Not Be {value}': (code, values) => {
    code.line(`expect(${code.field(at(values, 0))}).toBeDefined()`)
    claim('not.toEqual', value)(code, values, () => undefined)
  },
  'Field {field} Should Exist': (code, values) => code.line(`expect(${code.field(at(values, 0))}).toBeDefined()`),
  'Field {field} Should Not Exist': (code, values) =>
    code.line(`expect(${code.field(at(values, 0), true)}).toBeUndefined()`),
  'Field {field} Should Contain {value}': (code, values) => {
    const [token] = at(values, 1).tokens
    const isText = token?.kind === 'text'
    code.line(
      `expect(${code.field(at(values, 0))}).${isText ? 'toContain' : 'toContainEqual'}(${code.value(at(values, 1))})`,
    )
  },
  'Field {field} Should Start With {string}': (code, values) =>
    code.line(`expect(String(${code.field(at(values, 0))}).startsWith(${text(code, at(values, 1))})).toBe(true)`),
  'Field {field} Should End With {string}': (code, values) =>
    code.line(`expect(String(${code.field(at(values, 0))}).endsWith(${text(code, at(values, 1))})).toBe(true)`),
  'Field {field} Should Match {pattern}': (code, values) =>
    code.line(`expect(String(${code.field(at(values, 0))})).toMatch(${code.pattern(at(values, 1))})`),
  'Field {field} Should Match {json}': (code, values) => match(code, at(values, 1), code.field(at(values, 0))),
  'Field {field} Should Be One Of {json}': (code, values) =>
    code.line(`expect(${code.value(at(values, 1))}).toContainEqual(${code.field(at(values, 0))})`),
  'Field {field} Should Be Greater Than {float}': claim('toBeGreaterThan', number),
  'Field {field} Should Be Less Than {float}': claim('toBeLessThan', number),
  'Field {field} Should Be At Least {float}': claim('toBeGreaterThanOrEqual', number),
  'Field {field} Should Be At Most {float}': claim('toBeLessThanOrEqual', number),
  'Field {field} Should Have Length {int}': claim('toHaveLength', number),
  'Field {field} Should Be Empty': (code, values) =>
    code.line(`expect(Object.keys(${code.field(at(values, 0))})).toHaveLength(0)`),
  'Field {field} Should Not Be Empty': (code, values) =>
    code.line(`expect(Object.keys(${code.field(at(values, 0))})).not.toHaveLength(0)`),
  'Save Field {field} As {name}': (code, values) => {
    const field = code.field(at(values, 0))
    const name = code.define(code.word(at(values, 1)))
    code.assign(name, field)
    code.line(`expect(${name}).toBeDefined()`)
  },
}
