/** The sentences that save a part of the response, and those about saved values. */
import { literal } from './expressions.ts'
import { match } from './responses.ts'
import { at, type Translations } from './translation.ts'

export const saving: Translations = {
  'Save Header {word} As {name}': (code, values) => {
    const name = code.define(code.word(at(values, 1)))
    code.assign(name, `response.headers()[${literal(code.constant(at(values, 0)).toLowerCase())}] ?? ''`)
    code.line(`expect(${name}).not.toBe('')`)
  },
  'Save Status Code As {name}': (code, values) =>
    code.assign(code.define(code.word(at(values, 0))), 'response.status()'),
  'Save Value {value} As {name}': (code, values) => {
    const value = code.value(at(values, 0))
    code.assign(code.define(code.word(at(values, 1))), value)
  },
  'Value {value} Should Be {value}': (code, values) =>
    code.line(`expect(${code.value(at(values, 0))}).toEqual(${code.value(at(values, 1))})`),
  'Value {value} Should Not Be {value}': (code, values) =>
    code.line(`expect(${code.value(at(values, 0))}).not.toEqual(${code.value(at(values, 1))})`),
  'Value {value} Should Be Greater Than {float}': (code, values) =>
    code.line(`expect(${code.value(at(values, 0))}).toBeGreaterThan(${code.number(at(values, 1))})`),
  'Value {value} Should Be Less Than {float}': (code, values) =>
    code.line(`expect(${code.value(at(values, 0))}).toBeLessThan(${code.number(at(values, 1))})`),
  'Value {value} Should Have Length {int}': (code, values) =>
    code.line(`expect(${code.value(at(values, 0))}).toHaveLength(${code.number(at(values, 1))})`),
  'Value {value} Should Match {json}': (code, values) => match(code, at(values, 1), code.value(at(values, 0))),
  'Value {value} Should Match {pattern}': (code, values) =>
    code.line(`expect(String(${code.value(at(values, 0))})).toMatch(${code.pattern(at(values, 1))})`),
}
