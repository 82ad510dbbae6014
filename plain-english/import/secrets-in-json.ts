/** Replaces credentials that a file has in clear text, by the names of their fields. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import type { Json } from '../parse/json/json.ts'
import { variableName } from './phrases.ts'

/** Texts in fields named like a credential become `${secret:NAME}`; variables stay. */
export function withoutSecrets(json: Json): Json {
  if (json.kind === 'list') return { kind: 'list', items: json.items.map(withoutSecrets) }
  if (json.kind !== 'object') return json
  const members = json.members.map(({ name, value }) => {
    const [first] = name
    const isCredential = typeof first === 'string' && name.length === 1 && isCredentialName(first)
    const isClear =
      value.kind === 'text' && value.template.length > 0 && value.template.every(part => typeof part === 'string')
    if (!isCredential || !isClear) return { name, value: withoutSecrets(value) }
    const secret = { name: `secret:${variableName(first).toUpperCase()}`, offset: 0 }
    return { name, value: { kind: 'text' as const, template: [secret] } }
  })
  return { kind: 'object', members }
}
