/** The sentences that send requests. */
import type { StepArgument } from '../compile/compiled-scenario.ts'
import { jsonExpression, literal, stringExpression } from './expressions.ts'
import { type ScenarioCode, Untranslatable } from './scenario-code.ts'
import { at, type Translations } from './translation.ts'

/** Methods that Playwright's request context has a function for. */
const functions = new Set(['get', 'post', 'put', 'patch', 'delete', 'head'])

export const requests: Translations = {
  'Go To {url}': (code, values) => {
    const url = code.goTo(at(values, 0))
    if (!code.hasPage) return
    code.enterFrame(undefined)
    code.acts(false)
    code.line(`await ${code.page}.goto(${url})`)
  },
  '{method}': (code, values) => send(code, at(values, 0), undefined, {}),
  '{method} {url}': (code, values) => send(code, at(values, 0), at(values, 1), {}),
  '{method} {body}': (code, values) => send(code, at(values, 0), undefined, { body: at(values, 1) }),
  '{method} {url} {value}': (code, values) => send(code, at(values, 0), at(values, 1), { body: at(values, 2) }),
  '{method} Form {json}': (code, values) => send(code, at(values, 0), undefined, { form: at(values, 1) }),
  '{method} {url} Form {json}': (code, values) => send(code, at(values, 0), at(values, 1), { form: at(values, 2) }),
  '{method} {url} With Query {json}': (code, values) =>
    send(code, at(values, 0), at(values, 1), { query: at(values, 2) }),
  'Send {word} {url}': (code, values) => send(code, at(values, 0), at(values, 1), {}),
  'Send {word} {url} {value}': (code, values) => send(code, at(values, 0), at(values, 1), { body: at(values, 2) }),
  'Do Not Follow Redirects': code => {
    code.followsRedirects = false
  },
  'Follow Redirects': code => {
    code.followsRedirects = true
  },
  'Sign In With Basic {string} {string}': (code, values) => {
    const [user, password] = [code.text(at(values, 0)), code.text(at(values, 1))]
    code.setHeader('authorization', `\`Basic \${Buffer.from(${user} + ':' + ${password}).toString('base64')}\``)
  },
  'Set Headers {json}': (code, values) => {
    const [token] = at(values, 0).tokens
    if (token?.kind !== 'json' || token.json.kind !== 'object')
      throw new Untranslatable('its headers are in a variable')
    for (const { name, value } of token.json.members) {
      const [only] = name
      if (typeof only !== 'string' || name.length > 1) throw new Untranslatable('the name of a header has a variable')
      if (value.kind === 'list' || value.kind === 'object') throw new Untranslatable('the value of a header is JSON')
      const template = value.kind === 'variable' ? [value.variable] : undefined
      const text = template ? stringExpression(template, code) : jsonExpression(value, code)
      code.setHeader(only.toLowerCase(), value.kind === 'constant' ? literal(text) : text)
    }
  },
  'Set Header {word} To {text}': (code, values) =>
    code.setHeader(code.constant(at(values, 0)).toLowerCase(), code.text(at(values, 1))),
  'Remove Header {word}': (code, values) => code.removeHeader(code.constant(at(values, 0)).toLowerCase()),
  'Bearer Token Is {text}': (code, values) => code.setHeader('authorization', code.text(at(values, 0), 'Bearer ')),
}

interface Content {
  body?: StepArgument
  form?: StepArgument
  query?: StepArgument
}

function send(
  code: ScenarioCode,
  method: StepArgument,
  url: StepArgument | undefined,
  { body, form, query }: Content,
): void {
  const name = code.word(method).toLowerCase()
  const own: [string, string][] = body && isText(body) ? [['content-type', 'text/plain']] : []
  const options = [
    ...(functions.has(name) ? [] : [`method: ${literal(name.toUpperCase())}`]),
    ...(code.followsRedirects ? [] : ['maxRedirects: 0']),
    ...(query ? [`params: ${fieldsOf(code, query, 'its query')}`] : []),
    ...[code.headersOption(own)].filter(option => option !== undefined),
    ...(body ? [`data: ${code.value(body)}`] : []),
    ...(form ? [`form: ${fieldsOf(code, form, 'its form')}`] : []),
  ]
  const call = functions.has(name) ? name : 'fetch'
  const given = options.length > 0 ? `, { ${options.join(', ')} }` : ''
  const request = `await ${code.use('request')}.${call}(${code.url(url)}${given})`
  code.lastRequest = `response = ${request}`
  if (code.isTimed) code.assign('startedAt', 'performance.now()')
  code.assign('response', request)
  if (code.isTimed) code.assign('durationMs', 'performance.now() - startedAt')
}

/** Playwright takes one value that is no JSON for each name. @param what Names them. */
function fieldsOf(code: ScenarioCode, fields: StepArgument, what: string): string {
  const [token] = fields.tokens
  const members = token?.kind === 'json' && token.json.kind === 'object' ? token.json.members : []
  for (const { value } of members) {
    if (value.kind === 'list') throw new Untranslatable(`a field of ${what} has several values`)
    if (value.kind === 'object' || (value.kind === 'constant' && value.value === null)) {
      throw new Untranslatable(`a field of ${what} is ${value.kind === 'object' ? 'JSON' : 'null'}`)
    }
  }
  return code.value(fields)
}

function isText({ tokens: [token] }: StepArgument): boolean {
  return token?.kind === 'text'
}
