/** Writes what a script asserts as sentences. */
import type { Json } from '../../parse/json/json.ts'
import { printJson } from '../../parse/print.ts'
import { fieldText, jsonOf, quoted, unquoted, withJson } from '../phrases.ts'
import type { ImportedVariables } from '../variables.ts'
import type { Assertion, Comparison, Subject } from './subject.ts'

/** Sentences that assert the same, best first; none if there is no such sentence. */
export function sentencesFor(assertion: Assertion, variables: ImportedVariables): string[] {
  const { subject, comparison, isNegated, value } = assertion
  const given = value && jsonOfSubject(value, variables)
  // A text with white space is a message, as in `errors.password`.
  const isWord = given?.kind === 'text' && /^\S+$/.test(unquoted(given.template))
  const json = isWord && comparison === 'equals' ? variables.secrets.json(given, nameOf(subject)) : given
  switch (subject.kind) {
    case 'status':
      return statusSentences(comparison, isNegated, json)
    case 'status text':
      return json?.kind === 'text' && comparison === 'equals' && !isNegated
        ? [`Status Text Should Be ${quoted(json.template)}`]
        : []
    case 'time': {
      const figure = json && printJson(json)
      if ((comparison === 'below' || comparison === 'most') !== isNegated && figure) {
        return [`Response Time Should Be Less Than ${figure} ms`]
      }
      return []
    }
    case 'header':
      return headerSentences(subject.name, comparison, isNegated, json)
    case 'media type':
      return json?.kind === 'text' && comparison === 'equals' && !isNegated
        ? [`Response Should Have Type ${quoted(json.template)}`]
        : headerSentences('Content-Type', comparison, isNegated, json)
    case 'cookie':
      return cookieSentences(subject.name, comparison, isNegated, json)
    case 'text':
      return textSentences(comparison, isNegated, json)
    case 'field':
      return fieldSentences(subject.path, comparison, isNegated, json, value)
    case 'length':
      return lengthSentences(subject.of, comparison, isNegated, json)
    case 'type':
      return json?.kind === 'text' && comparison === 'equals'
        ? sentencesFor({ subject: subject.of, comparison: 'has type', isNegated, value }, variables)
        : []
    case 'variable':
      return variableSentences(jsonOfSubject(subject, variables), comparison, isNegated, json)
    case 'condition':
      return []
    case 'response':
    case 'headers':
    case 'cookies':
    case 'constant':
    case 'pattern':
      return []
  }
}

/** By which a credential is recognized. */
function nameOf(subject: Subject): string | undefined {
  if (subject.kind === 'variable') return subject.cookie ?? subject.name
  if (subject.kind === 'header' || subject.kind === 'cookie') return subject.name
  const last = subject.kind === 'field' ? subject.path.at(-1) : undefined
  return typeof last === 'string' ? last : undefined
}

/** @param actual The variable, or the constant that the file gives it. */
function variableSentences(
  actual: Json | undefined,
  comparison: Comparison,
  isNegated: boolean,
  json: Json | undefined,
): string[] {
  if (!json || !actual) return []
  const [value, not] = [`Value ${printJson(actual)}`, isNegated ? 'Not ' : '']
  if (comparison === 'equals') return [`${value} Should ${not}Be ${printJson(json)}`]
  if (comparison === 'contains') return [`${value} Should ${not}Contain ${printJson(json)}`]
  if (comparison === 'matches') return isNegated ? [] : [`${value} Should Match ${printJson(json)}`]
  if (isNegated) return []
  if (comparison === 'above') return [`${value} Should Be Greater Than ${printJson(json)}`]
  return comparison === 'below' ? [`${value} Should Be Less Than ${printJson(json)}`] : []
}

function statusSentences(comparison: Comparison, isNegated: boolean, json: Json | undefined): string[] {
  if (comparison === 'exists' && !isNegated) return ['Response Should Be Successful']
  if (!json) return []
  const figure = printJson(json).replace(/^"(\d+)"$/, '$1')
  if (comparison === 'equals') return [`Status Code Should ${isNegated ? 'Not ' : ''}Be ${figure}`]
  if (comparison === 'one of' && !isNegated) return [`Status Code Should Be One Of ${figure}`]
  if (comparison === 'exists') return ['Response Should Not Be Successful']
  const isBelow = (comparison === 'below' || comparison === 'most') !== isNegated
  const isAbove = (comparison === 'above' || comparison === 'least') !== isNegated
  if (!isBelow && !isAbove) return []
  // Statuses are whole numbers: at least 200 is greater than 199.
  const isInclusive = (comparison === 'least' || comparison === 'most') !== isNegated
  if (isInclusive && !/^\d+$/.test(figure)) return []
  const limit = isInclusive ? String(Number(figure) + (isBelow ? 1 : -1)) : figure
  if (isBelow && limit === '300') return ['Response Should Be Successful']
  if (isAbove && limit === '399') return ['Response Should Not Be Successful']
  return [`Status Code Should Be ${isBelow ? 'Less' : 'Greater'} Than ${limit}`]
}

function headerSentences(name: string, comparison: Comparison, isNegated: boolean, json: Json | undefined): string[] {
  const [header, not] = [`Response Header ${name}`, isNegated ? 'Not ' : '']
  if (comparison === 'exists') return [`${header} Should ${not}Exist`]
  if (comparison === 'is empty') return isNegated ? [`${header} Should Exist`] : []
  if (comparison === 'has type') return isNegated ? [] : [`${header} Should Exist`]
  const text = json && asText(json)
  if (text === undefined) return []
  if (comparison === 'equals') return [`${header} Should ${not}Be ${text}`]
  if (comparison === 'contains') return [`${header} Should ${not}Contain ${text}`]
  return comparison === 'matches' && !isNegated ? [`${header} Should Match ${text}`] : []
}

function cookieSentences(name: string, comparison: Comparison, isNegated: boolean, json: Json | undefined): string[] {
  const [cookie, not] = [`Cookie ${name}`, isNegated ? 'Not ' : '']
  if (comparison === 'exists' || (comparison === 'is empty' && isNegated)) return [`${cookie} Should ${not}Exist`]
  const text = json && asText(json)
  if (text === undefined) return []
  return comparison === 'equals'
    ? [`${cookie} Should ${not}Be ${text}`]
    : comparison === 'contains'
      ? [`${cookie} Should ${not}Contain ${text}`]
      : []
}

function textSentences(comparison: Comparison, isNegated: boolean, json: Json | undefined): string[] {
  const not = isNegated ? 'Not ' : ''
  if (comparison === 'exists' || comparison === 'is empty') {
    const isEmpty = (comparison === 'is empty') !== isNegated
    return [`Response Body Should ${isEmpty ? '' : 'Not '}Be Empty`]
  }
  if (!json) return []
  if (comparison === 'equals') return [`Response Body Should ${not}Be ${printJson(json)}`]
  if (comparison === 'contains') return [`Response Body Should ${not}Contain ${printJson(json)}`]
  if (comparison === 'matches' && !isNegated) return [`Response Body Should Match ${printJson(json)}`]
  return []
}

function fieldSentences(
  path: readonly (string | number)[],
  comparison: Comparison,
  isNegated: boolean,
  json: Json | undefined,
  value: Subject | undefined,
): string[] {
  const [field, not] = [`Field ${fieldText(path)}`, isNegated ? 'Not ' : '']
  switch (comparison) {
    case 'exists':
      return [`${field} Should ${not}Exist`]
    case 'is empty':
      return [`${field} Should ${not}Be Empty`]
    case 'has type':
      return value?.kind === 'constant' ? typeSentences(path, String(value.value).toLowerCase(), isNegated) : []
    case 'has length':
      return json && !isNegated ? [`${field} Should Have Length ${printJson(json)}`] : []
    case 'has only keys': {
      const names = value?.kind === 'constant' && Array.isArray(value.value) ? value.value.map(String) : []
      const whole = jsonOf(Object.fromEntries(names.map(name => [name, '#ignore'])))
      const words = path.length === 0 ? 'Response Body Should Match Exactly' : `${field} Should Match Exactly`
      return [withJson(words, whole)]
    }
    case 'matches':
      return json && !isNegated ? [`${field} Should Match ${printJson(json)}`] : []
    case 'matches schema':
      // A text would be the name of a file.
      return json && json.kind !== 'text' && !isNegated
        ? [withJson(path.length === 0 ? 'Response Should Match Schema' : `${field} Should Match Schema`, json)]
        : []
    default:
  }
  if (!json) return []
  const shown = printJson(json)
  const relation = (words: string) => (isNegated ? [] : [`${field} Should Be ${words} ${shown}`])
  switch (comparison) {
    case 'equals':
      return [withJson(`${field} Should ${not}Be`, json)]
    case 'contains':
      if (json.kind === 'object' && !isNegated && path.length === 0)
        return [withJson('Response Body Should Match', json)]
      return [`${field} Should ${not}Contain ${shown}`]
    case 'one of':
      return isNegated ? [`${field} Should Not Be One Of ${shown}`] : relation('One Of')
    case 'above':
      return isNegated ? [`${field} Should Be At Most ${shown}`] : relation('Greater Than')
    case 'below':
      return isNegated ? [`${field} Should Be At Least ${shown}`] : relation('Less Than')
    case 'least':
      return isNegated ? [`${field} Should Be Less Than ${shown}`] : atLeast(field, json)
    case 'most':
      return isNegated ? [`${field} Should Be Greater Than ${shown}`] : relation('At Most')
    default:
      return []
  }
}

function atLeast(field: string, json: Json): string[] {
  return [`${field} Should Be At Least ${printJson(json)}`]
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'a boolean',
  array: 'a list',
  object: 'an object',
}

const markers: Readonly<Record<string, string>> = {
  string: '#string',
  number: '#number',
  boolean: '#boolean',
  array: '#array',
  object: '#object',
  null: '#null',
}

/** As a marker in the place of the field. */
function typeSentences(path: readonly (string | number)[], type: string, isNegated: boolean): string[] {
  if (type === 'undefined') return [`Field ${fieldText(path)} Should ${isNegated ? '' : 'Not '}Exist`]
  const [marker, words] = [markers[type], typeWords[type]]
  if (marker === undefined) return []
  const own = words === undefined ? [] : [`Field ${fieldText(path)} Should ${isNegated ? 'Not ' : ''}Be ${words}`]
  if (isNegated) return own
  // A list of one item would have to have one item.
  if (path.length === 0) {
    return marker === '#array' ? [...own, 'Field $ Should Match "^\\\\["'] : [...own, 'Response Body Should Match {}']
  }
  if (path.some(name => typeof name === 'number')) {
    return marker === '#array' ? [...own, `Field ${fieldText(path)} Should Match "^\\\\["`] : own
  }
  const json = path.reduceRight<Json>(
    (inner, name) => ({ kind: 'object', members: [{ name: [String(name)], value: inner }] }),
    { kind: 'text', template: [marker] },
  )
  return [...own, withJson('Response Body Should Match', json)]
}

function lengthSentences(of: Subject, comparison: Comparison, isNegated: boolean, json: Json | undefined): string[] {
  if (of.kind === 'text' && json?.kind === 'constant' && json.value === 0) {
    if (comparison === 'above' || comparison === 'equals') {
      return [`Response Body Should ${(comparison === 'above') !== isNegated ? 'Not ' : ''}Be Empty`]
    }
  }
  if (of.kind !== 'field' || !json) return []
  const field = `Field ${fieldText(of.path)}`
  const figure = json.kind === 'constant' ? json.value : undefined
  if (comparison === 'equals' && !isNegated)
    return figure === 0 ? [`${field} Should Be Empty`] : [`${field} Should Have Length ${printJson(json)}`]
  const isNotEmpty = (comparison === 'above' && figure === 0) || (comparison === 'least' && figure === 1)
  if (isNotEmpty) return [`${field} Should ${isNegated ? '' : 'Not '}Be Empty`]
  if (comparison === 'equals' && isNegated && figure === 0) return [`${field} Should Not Be Empty`]
  if (typeof figure !== 'number' || isNegated) return []
  const least = comparison === 'least' ? figure : comparison === 'above' ? figure + 1 : undefined
  const most = comparison === 'most' ? figure : comparison === 'below' ? figure - 1 : undefined
  if (least !== undefined) return [`${field} Should Have At Least ${least} Items`]
  return most === undefined ? [] : [`${field} Should Have At Most ${most} Items`]
}

function asText(json: Json): string | undefined {
  if (json.kind === 'text') return quoted(json.template)
  if (json.kind === 'variable') return `\${${json.variable.name}}`
  return json.kind === 'constant' ? quoted(String(json.value)) : undefined
}

/** A constant or a variable as JSON; undefined for anything else. */
export function jsonOfSubject(subject: Subject, variables: ImportedVariables): Json | undefined {
  if (subject.kind === 'pattern') return { kind: 'text', template: [subject.source] }
  if (subject.kind === 'variable') {
    const [first, ...rest] = variables.variable(subject.name)
    if (subject.name === '$randomInt') return { kind: 'constant', value: Number(first) }
    if (first === undefined || rest.length > 0) return { kind: 'text', template: variables.variable(subject.name) }
    return typeof first === 'string' ? { kind: 'text', template: [first] } : { kind: 'variable', variable: first }
  }
  if (subject.kind !== 'constant') return undefined
  try {
    return withPlaceholders(jsonOf(subject.value), variables)
  } catch {
    return undefined
  }
}

/** Scripts mark variables in texts as `{{name}}`: a template literal, or a placeholder of the tool. */
function withPlaceholders(json: Json, variables: ImportedVariables): Json {
  if (json.kind === 'text') {
    const [text = ''] = json.template
    return typeof text === 'string' ? { kind: 'text', template: variables.template(text) } : json
  }
  if (json.kind === 'list') return { kind: 'list', items: json.items.map(item => withPlaceholders(item, variables)) }
  if (json.kind !== 'object') return json
  const members = json.members.map(({ name, value }) => ({ name, value: withPlaceholders(value, variables) }))
  return { kind: 'object', members }
}
