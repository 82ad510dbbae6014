/** Makes the lists of the settings of `monitor.config.ts` from its schema, doc comments and `settings.ts`. */
import type { z } from 'zod'
import { monitorSchema } from '../../monitor/config/schema.ts'
import { duration } from '../../monitor/schema-parts.ts'
import { type Member, membersOf } from './doc-comments.ts'
import { type Setting, settings } from './settings.ts'

/** A schema, as far as it is read here. */
type Schema = z.ZodType & {
  def: { type: string; element?: Schema; valueType?: Schema; innerType?: Schema; options?: Schema[] }
  shape?: Record<string, Schema>
  options?: unknown[]
  values?: Set<unknown>
  minValue?: number
  maxValue?: number
}

interface Section {
  heading: string
  path: string
  /** The file and the type that declare the settings; absent for types without a name. */
  declared?: [file: string, type: string]
}

const config = 'monitor/config/monitor-config.ts'
const alerts = 'monitor/config/alert-config.ts'
const environment = 'environment/environment.ts'
const stores = 'monitor/config/evidence-stores.ts'

/** The kinds of channels, in the order of docs/alerts.md, and the types of their settings. */
const channelKinds = [
  ['slack', 'SlackChannel'],
  ['webhook', 'WebhookChannel'],
  ['email', 'EmailChannel'],
  ['pagerduty', 'PagerDutyChannel'],
  ['opsgenie', 'OpsgenieChannel'],
  ['teams', 'TeamsChannel'],
  ['discord', 'DiscordChannel'],
  ['telegram', 'TelegramChannel'],
  ['ntfy', 'NtfyChannel'],
  ['apprise', 'AppriseChannel'],
  ['exec', 'ExecChannel'],
  ['custom', 'CustomChannel'],
] as const

/** Each object of the configuration. */
const sections: readonly Section[] = [
  { heading: 'The configuration', path: '', declared: [config, 'MonitorConfig'] },
  { heading: '`environments.NAME`', path: 'environments.NAME', declared: [environment, 'Environment'] },
  { heading: '`cleanup`: a rule', path: 'environments.NAME.cleanup[]', declared: [environment, 'CleanupRule'] },
  {
    heading: '`cleanup`: a request of `remove`',
    path: 'environments.NAME.cleanup[].remove',
    declared: [environment, 'RemovalRequest'],
  },
  { heading: '`cleanup`: `gone`', path: 'environments.NAME.cleanup[].gone', declared: [environment, 'GoneWhen'] },
  { heading: '`reads`: a rule', path: 'environments.NAME.reads[]', declared: [environment, 'ReadRule'] },
  { heading: '`tls`', path: 'environments.NAME.tls' },
  {
    heading: '`tls`: a client certificate',
    path: 'environments.NAME.tls.clientCertificates[]',
    declared: [environment, 'ClientCertificate'],
  },
  { heading: '`version`', path: 'environments.NAME.version' },
  { heading: '`checks.NAME`', path: 'checks.NAME', declared: [config, 'CheckConfig'] },
  { heading: '`confirm`', path: 'checks.NAME.confirm', declared: [config, 'ConfirmConfig'] },
  { heading: '`confirm`: `down` among several', path: 'checks.NAME.confirm.down' },
  { heading: '`slo`', path: 'checks.NAME.slo', declared: [config, 'SloConfig'] },
  { heading: '`heartbeats.NAME`', path: 'heartbeats.NAME', declared: [config, 'HeartbeatConfig'] },
  { heading: '`heartbeats.NAME`: `slo`', path: 'heartbeats.NAME.slo', declared: [config, 'SloConfig'] },
  { heading: '`watchdog`', path: 'watchdog', declared: [config, 'WatchdogConfig'] },
  ...channelKinds.map(([kind, type]) => ({
    heading: `\`channels.NAME\`: \`${kind}(${kind === 'custom' ? '' : '{ }'})\``,
    path: `channels.NAME.${kind}`,
    declared: [`monitor/alerts/channels/${kind}.ts`, type] satisfies [string, string],
  })),
  { heading: '`routes`: a route', path: 'routes[]', declared: [alerts, 'RouteConfig'] },
  { heading: '`routes`: `match`', path: 'routes[].match', declared: [alerts, 'MatchConfig'] },
  { heading: '`quietHours`: a window', path: 'quietHours[]', declared: [alerts, 'QuietHoursConfig'] },
  { heading: '`quietHours`: `match`', path: 'quietHours[].match', declared: [alerts, 'MatchConfig'] },
  { heading: '`reminders`', path: 'reminders', declared: [alerts, 'RemindersConfig'] },
  { heading: '`escalation`: a step', path: 'escalation[]', declared: [alerts, 'EscalationConfig'] },
  { heading: '`escalation`: `match`', path: 'escalation[].match', declared: [alerts, 'MatchConfig'] },
  { heading: '`certificates`', path: 'certificates', declared: [config, 'CertificatesConfig'] },
  { heading: '`maintenance`: a window', path: 'maintenance[]', declared: [config, 'MaintenanceWindow'] },
  { heading: '`retention`', path: 'retention', declared: [config, 'RetentionConfig'] },
  { heading: '`evidence`', path: 'evidence', declared: [config, 'EvidenceConfig'] },
  { heading: '`evidence.store`: `s3({ })`', path: 'evidence.store.s3', declared: [stores, 'S3Evidence'] },
  { heading: '`statusPage`', path: 'statusPage', declared: [config, 'StatusPageConfig'] },
  { heading: '`digest`', path: 'digest', declared: [config, 'DigestConfig'] },
]

export interface Field extends Setting {
  path: string
  schema: Schema
  isRequired: boolean
  type: string
  meaning: string
}

/** All settings, by the path of their object. `defaults` has those of a check, and is left out. */
export function fieldsOfSchema(): Map<string, Field[]> {
  const all = new Map<string, Field[]>()
  collect(monitorSchema as unknown as Schema, '', all)
  return all
}

/** The lists of all objects. Throws if an object has no section. */
export function schemaLists(): string {
  const fields = fieldsOfSchema()
  for (const path of fields.keys()) {
    if (!sections.some(section => section.path === path))
      throw new Error(`"${path}" has no section in schema-lists.ts.`)
  }
  return sections.map(({ heading, path }) => `### ${heading}\n\n${listOf(fields.get(path) ?? [], path)}`).join('\n\n')
}

/** The settings as a list, which narrow screens can show, and GitHub. */
export function listOf(fields: readonly Omit<Field, 'schema'>[], path: string): string {
  const items = fields.map(({ path: place, type, isRequired, default: preset, meaning, example }) => {
    const name = place.slice(path === '' ? 0 : path.length + 1)
    const kind = isRequired ? `${type}, required` : preset === undefined ? type : `${type}, default ${codeOf(preset)}`
    return `- \`${name}\` (${kind})\\\n  ${meaning} Example: ${codeOf(`${name}: ${example}`)}`
  })
  return items.join('\n')
}

/** A default in words that has code in it stays as it is. */
function codeOf(text: string): string {
  return text.includes('`') && !text.startsWith('{') ? text : text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function collect(schema: Schema, path: string, all: Map<string, Field[]>): void {
  const declared = declaredAt(path)
  const fields = Object.entries(schema.shape ?? {}).flatMap(([name, member]): Field[] => {
    const place = path === '' ? name : `${path}.${name}`
    const value = innerOf(member)
    if (value.def.type === 'literal') return []
    const setting = settings[place]
    const comment = setting?.meaning ?? declared.get(name)?.comment ?? ''
    const more = { default: setting?.default, example: setting?.example ?? '' }
    const meaning = sentenceOf(comment)
    const field = { path: place, schema: value, isRequired: value === member, type: typeOf(value), meaning }
    return [
      { ...field, ...(more.default === undefined ? { example: more.example } : { ...more, default: more.default }) },
    ]
  })
  all.set(path, fields)
  for (const { path, schema } of fields) {
    if (path === 'defaults') continue
    for (const [place, object] of objectsIn(schema, path)) if (!all.has(place)) collect(object, place, all)
  }
}

/** The comments of the settings of an object; those of a check stand in two types. */
function declaredAt(path: string): Map<string, Member> {
  const declared = sections.find(section => section.path === path)?.declared
  if (declared === undefined) return new Map()
  const [file, type] = declared
  return new Map([...(type === 'CheckConfig' ? membersOf(file, 'CheckDefaults') : []), ...membersOf(file, type)])
}

/** The objects in a value: itself, its elements, its entries, or one of its alternatives. */
function objectsIn(schema: Schema, path: string): [string, Schema][] {
  const { type, element, valueType, options } = schema.def
  if (schema.shape) {
    const kind = schema.shape.kind
    return [[kind ? `${path}.${[...(kind.values ?? [])].join()}` : path, schema]]
  }
  if (type === 'array' && element) {
    const inner = objectsIn(innerOf(element), `${path}[]`)
    // One request of `remove`, or several, are the same kind of thing.
    return inner.map(([place, object]) => [place.endsWith('.remove[]') ? path : place, object])
  }
  if (type === 'record' && valueType) return objectsIn(innerOf(valueType), `${path}.NAME`)
  return (options ?? []).flatMap(option => objectsIn(innerOf(option), path))
}

/** A comment as a sentence. A value at its beginning, such as `off:`, becomes code. */
export function sentenceOf(comment: string): string {
  const text = comment.replace(/(^|\. )([a-z]+)((?: \(default[^)]*\))?:) /g, "$1`'$2'`$3 ")
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/([^.])$/, '$1.')
}

const innerOf = (schema: Schema): Schema => schema.def.innerType ?? schema

function typeOf(schema: Schema): string {
  if ((schema as unknown) === duration) return 'a duration'
  const { type, element, valueType, options } = schema.def
  const { minValue, maxValue } = schema
  switch (type) {
    case 'string':
      return 'a text'
    case 'boolean':
      return '`true` or `false`'
    case 'number':
      if (minValue === undefined || maxValue === undefined || !Number.isFinite(maxValue)) return 'a number'
      return `${minValue} to ${maxValue}`
    case 'enum':
      return (schema.options ?? []).map(value => `\`'${value}'\``).join(' or ')
    case 'array':
      return `a list of ${element ? pluralOf(typeOf(innerOf(element))) : ''}`
    case 'record':
      return `${valueType ? pluralOf(typeOf(innerOf(valueType))) : ''} by name`
    case 'object':
      return 'an object'
    case 'union': {
      const types = [...new Set((options ?? []).map(option => typeOf(innerOf(option))))]
      const single = types.filter(type => !type.startsWith('a list of ')).join(' or ')
      return types.includes(`a list of ${pluralOf(single)}`) ? `${single}, or a list of these` : types.join(' or ')
    }
    case 'custom':
      return 'a regular expression'
    case 'lazy':
      return 'any JSON'
    default:
      throw new Error(`schema-lists.ts has no words for the type ${type}.`)
  }
}

/** `texts or objects` for `a text or an object`. */
function pluralOf(type: string): string {
  return type.replace(/\ban? (\w+)/g, '$1s')
}
