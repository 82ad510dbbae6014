/** Takes credentials out of the URL of an imported request: the user before its host, and parameters of its query. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'
import { type Template, templateOf } from '../parse/template.ts'
import { unquoted } from './phrases.ts'

/** Why a parameter is left out. */
export const secretInUrl =
  'a secret is not allowed in a URL, because logs and reports show it: send it in a header or a body'

export interface UrlParts {
  /** Without the credentials and the fragment, which is not sent. */
  url: Template
  /** The user and the password before the host, decoded. */
  user: { name: Template; password: Template } | undefined
  /** The names of the parameters of the query that are left out. */
  left: readonly string[]
}

/** Names that are also those of other parameters: with a value that looks generated, they are credentials. */
const likelyName = /^(?:key|sig|sid|auth|pass|code|(?:x[-_]amz[-_])?(?:signature|credential)|session(?:[-_]?id)?)$/i
const generated = /^(?=.*\d)[\w.~+/=%-]{16,}$/

export function withoutCredentials(url: Template): UrlParts {
  // A dollar sign before a brace is text, and no variable.
  const text = unquoted(url.map(part => (typeof part === 'string' ? part.replaceAll('${', '$%7B') : part)))
  const [whole = '', scheme = '', user] =
    /^(https?:\/\/)([^/?#@\s]+(?:@[^/?#@\s]+)*)@/i.exec(text) ??
    /^()([^/?#:@\s]+:[^/?#@\s]*)@(?=[\w.-])/.exec(text) ??
    []
  const [name = '', ...password] = user?.split(/:(?![^{]*\})/) ?? []
  const rest = (scheme + text.slice(whole.length)).replace(/#.*$/s, '')
  const [path = '', ...query] = rest.split('?')
  const left: string[] = []
  const kept = query
    .join('?')
    .split('&')
    .filter(pair => {
      const [parameter = '', ...value] = pair.split('=')
      if (!isCredential(decoded(parameter), value.join('='))) return true
      left.push(decoded(parameter))
      return false
    })
    .join('&')
  return {
    url: templateOf(path + (query.length > 0 && (kept !== '' || left.length === 0) ? `?${kept}` : ''), 0),
    user:
      user === undefined
        ? undefined
        : { name: templateOf(decoded(name), 0), password: templateOf(decoded(password.join(':')), 0) },
    left,
  }
}

/** A variable of the scenario is allowed in a URL; a value of the file and a secret are not. */
function isCredential(name: string, value: string): boolean {
  if (value === '') return false
  if (value.includes('${secret:')) return true
  if (/^\$\{[^{}]*\}$/.test(value)) return false
  return isCredentialName(name) || (likelyName.test(name) && generated.test(value))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
