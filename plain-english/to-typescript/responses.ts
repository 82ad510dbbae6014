/** The sentences about the last response. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import type { Json } from '../parse/json/json.ts'
import { jsonExpression, literal } from './expressions.ts'
import { type ScenarioCode, Untranslatable } from './scenario-code.ts'
import { at, type Translation, type Translations } from './translation.ts'

const status: Translation = (code, values) =>
  code.line(`await expect(response).toHaveStatus(${code.number(at(values, 0))})`)

export const responses: Translations = {
  'Status Code Should Be {int}': status,
  'Response Status Should Be {int}': status,
  'Status Code Should Be One Of {json}': (code, values) =>
    code.line(`expect(${code.value(at(values, 0))}).toContain(response.status())`),
  'Status Code Should Not Be {int}': (code, values) =>
    code.line(`expect(response.status()).not.toBe(${code.number(at(values, 0))})`),
  'Status Code Should Be Less Than {int}': (code, values) =>
    code.line(`expect(response.status()).toBeLessThan(${code.number(at(values, 0))})`),
  'Status Code Should Be Greater Than {int}': (code, values) =>
    code.line(`expect(response.status()).toBeGreaterThan(${code.number(at(values, 0))})`),
  'Status Text Should Be {text}': (code, values) =>
    code.line(`expect(response.statusText()).toBe(${code.text(at(values, 0))})`),
  'Response Should Be Successful': code => code.line("await expect(response).toHaveStatus('2xx')"),
  'Response Should Not Be Successful': code => code.line('expect(response.status()).toBeGreaterThanOrEqual(400)'),
  'Response Body Should Not Match {pattern}': (code, values) =>
    code.line(`expect(await response.text()).not.toMatch(${code.pattern(at(values, 0))})`),
  'Response Header {word} Should Not Contain {text}': (code, values) =>
    code.line(`expect(${header(code, values)} ?? '').not.toContain(${code.text(at(values, 1))})`),
  'Response Header {word} Should Match {pattern}': (code, values) =>
    code.line(`expect(${header(code, values)} ?? '').toMatch(${code.pattern(at(values, 1))})`),
  'Response Time Should Be At Most {duration}': (code, values) =>
    code.line(`expect(durationMs).toBeLessThanOrEqual(${code.duration(at(values, 0))})`),
  'Response Body Should Be {value}': (code, values) => {
    const [token] = at(values, 0).tokens
    const isText = token?.kind === 'text'
    code.line(`expect(await response.${isText ? 'text' : 'json'}()).toEqual(${code.value(at(values, 0))})`)
  },
  'Response Body Should Be Empty': code => code.line("expect(await response.text()).toBe('')"),
  'Response Body Should Not Be Empty': code => code.line("expect(await response.text()).not.toBe('')"),
  'Response Body Should Contain {value}': (code, values) => {
    const [token] = at(values, 0).tokens
    if (token?.kind === 'json') match(code, at(values, 0), 'await response.json()')
    else code.line(`expect(await response.text()).toContain(${asText(code, at(values, 0))})`)
  },
  'Response Body Should Not Contain {value}': (code, values) => {
    const [token] = at(values, 0).tokens
    if (token?.kind === 'json') throw new Untranslatable('no translation of JSON that the body does not contain')
    code.line(`expect(await response.text()).not.toContain(${asText(code, at(values, 0))})`)
  },
  'Response Body Should Match {json}': (code, values) => match(code, at(values, 0), 'await response.json()'),
  'Response Body Should Match {pattern}': (code, values) =>
    code.line(`expect(await response.text()).toMatch(${code.pattern(at(values, 0))})`),
  'Response Header {word} Should Be {text}': (code, values) =>
    code.line(`expect(${header(code, values)}).toBe(${code.text(at(values, 1))})`),
  'Response Header {word} Should Not Be {text}': (code, values) =>
    code.line(`expect(${header(code, values)}).not.toBe(${code.text(at(values, 1))})`),
  'Response Header {word} Should Contain {text}': (code, values) =>
    code.line(`expect(${header(code, values)}).toContain(${code.text(at(values, 1))})`),
  'Response Header {word} Should Exist': (code, values) => code.line(`expect(${header(code, values)}).toBeDefined()`),
  'Response Header {word} Should Not Exist': (code, values) =>
    code.line(`expect(${header(code, values)}).toBeUndefined()`),
  'Response Time Should Be Less Than {float} ms': (code, values) =>
    code.line(`expect(durationMs).toBeLessThan(${code.number(at(values, 0))})`),
}

function header(code: ScenarioCode, values: readonly StepArgument[]): string {
  return `response.headers()[${literal(code.constant(at(values, 0)).toLowerCase())}]`
}

function asText(code: ScenarioCode, argument: StepArgument): string {
  const value = code.value(argument)
  return /^['"`]/.test(value) ? value : `String(${value})`
}

const markers: Readonly<Record<string, string>> = {
  '#string': 'expect.any(String)',
  '#number': 'expect.any(Number)',
  '#boolean': 'expect.any(Boolean)',
  '#array': 'expect.any(Array)',
  '#object': 'expect.any(Object)',
  '#null': 'null',
  '#notnull': 'expect.anything()',
  '#uuid': 'expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)',
}

/** A comparison with a part of JSON, in which markers stand for any value of a type. */
export function match(code: ScenarioCode, { tokens: [token] }: StepArgument, actual: string): void {
  if (token?.kind !== 'json') {
    const expected = token && token.kind === 'word' ? code.value({ tokens: [token] }) : '{}'
    code.line(`expect(${actual}).toMatchObject(${expected})`)
    return
  }
  const expected = jsonExpression(withoutIgnored(token.json), code, ([text, ...rest]) =>
    rest.length === 0 && typeof text === 'string' ? markers[text] : undefined,
  )
  const isContainer = token.json.kind === 'object' || token.json.kind === 'list'
  code.line(`expect(${actual}).${isContainer ? 'toMatchObject' : 'toEqual'}(${expected})`)
}

/** A member that can have any value, or none, is no condition. */
function withoutIgnored(json: Json): Json {
  if (json.kind === 'list') return { kind: 'list', items: json.items.map(withoutIgnored) }
  if (json.kind !== 'object') return json
  const members = json.members.filter(({ value }) => !(value.kind === 'text' && value.template[0] === '#ignore'))
  return { kind: 'object', members: members.map(({ name, value }) => ({ name, value: withoutIgnored(value) })) }
}
