/** Turns a cleanup rule and the values of a response into the things to remove. */
import type { RemovalRequest } from '../environment.ts'
import type { IntentRule, Thing } from './entry.ts'
import { memberAt, placeholdersOf, renderAddress, renderJson, renderText, type Values } from './placeholders.ts'

/**
 * The things that a rule removes: one, or each element of its list. `no list`, or `no value`, if that is missing in the values.
 * @param headers Of the response to the creation.
 */
export function thingsOf(
  rule: Pick<IntentRule, 'remove' | 'gone' | 'each'>,
  values: Values,
  headers: Readonly<Record<string, string>>,
  conceal: (text: string) => string,
): Thing[] | 'no list' | 'no value' {
  const list = rule.each === undefined ? [undefined] : memberAt(values.body, rule.each)
  if (!Array.isArray(list)) return 'no list'
  const things = list.map(each => {
    return thingOf(rule, rule.each === undefined ? values : { ...values, each }, headers, conceal)
  })
  return things.every(thing => thing !== undefined) ? things : 'no value'
}

/** Undefined if a value is missing. */
function thingOf(
  rule: Pick<IntentRule, 'remove' | 'gone'>,
  values: Values,
  headers: Readonly<Record<string, string>>,
  conceal: (text: string) => string,
): Thing | undefined {
  const { header: _, ...ofRequest } = values
  const steps = rule.remove.map(step => renderRequest(step, values, ofRequest, conceal))
  const get = rule.gone?.get === undefined ? undefined : renderAddress(rule.gone.get, values)?.text
  if (!steps.every(step => step !== undefined) || (rule.gone?.get !== undefined && get === undefined)) return undefined
  const needed = rule.remove.flatMap(step => Object.values(step.headers ?? {}).flatMap(placeholdersOf))
  const kept = needed.flatMap(inner => {
    const name = inner.replace(/^header\./, '').toLowerCase()
    return inner.startsWith('header.') && headers[name] !== undefined ? [[name, conceal(headers[name])]] : []
  })
  return {
    remove: steps,
    ...(rule.gone && { gone: { ...rule.gone, ...(get !== undefined && { get: conceal(get) }) } }),
    ...(kept.length > 0 && { headers: Object.fromEntries(kept) }),
  }
}

/** Undefined if a value is missing. `{header.NAME}` stays in the headers. */
export function renderRequest(
  { send, headers, body, form }: RemovalRequest,
  values: Values,
  valuesOfHeaders: Values,
  conceal: (text: string) => string,
): RemovalRequest | undefined {
  const address = renderAddress(send, values)?.text
  const texts = (given: Record<string, string>, sources: Values) => {
    const entries = Object.entries(given).map(([name, text]) => [name, renderText(text, sources)] as const)
    if (entries.some(([, text]) => text === undefined)) return undefined
    return Object.fromEntries(entries.map(([name, text]) => [name, conceal(text ?? '')]))
  }
  const rendered = {
    headers: headers && texts(headers, valuesOfHeaders),
    form: form && texts(form, values),
    body: body === undefined ? undefined : renderJson(body, values),
  }
  if (address === undefined || (headers && !rendered.headers) || (form && !rendered.form)) return undefined
  if (body !== undefined && rendered.body === undefined) return undefined
  return {
    send: conceal(address),
    ...(rendered.headers && { headers: rendered.headers }),
    ...(rendered.form && { form: rendered.form }),
    ...(body !== undefined && { body: concealJson(rendered.body, conceal) }),
  }
}

function concealJson(value: unknown, conceal: (text: string) => string): unknown {
  return JSON.parse(JSON.stringify(value), (_name, member) => (typeof member === 'string' ? conceal(member) : member))
}
