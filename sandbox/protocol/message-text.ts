/** Describes messages of the protocol in a line of text each: the name of the message and its contents. */
import { Backend, readErrorFields, statusOf } from './backend-messages.ts'
import { readColumns, readValues } from './data-rows.ts'
import { Frontend, readParameters, type Startup, startupCode } from './frontend-messages.ts'
import type { MessageHead } from './message-scanner.ts'

/** How many characters of the contents are shown. */
const shown = 200

const backendNames = namesOf(Backend)
const frontendNames = namesOf({ ...Frontend, Password: -1, PasswordMessage: Frontend.Password })

function namesOf(types: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(types).map(([name, type]) => [type, name]))
}

/** The name of a server's message, such as ReadyForQuery. */
export const backendName = (type: number): string => backendNames.get(type) ?? `0x${type.toString(16)}`

/** Describes a message of a server. */
export function backendText({ type, bytes, length }: MessageHead): string {
  const name = backendName(type)
  switch (type) {
    case Backend.ErrorResponse:
    case Backend.NoticeResponse: {
      const { severity, code, message } = readErrorFields(bytes)
      return line(name, `${severity} ${code} ${message}`)
    }
    case Backend.RowDescription:
      return line(name, ...readColumns(bytes).map(({ name: column }) => column))
    case Backend.DataRow:
      return line(name, ...readValues(bytes).map(valueText))
    case Backend.ReadyForQuery:
      return line(name, statusOf(bytes))
    case Backend.BackendKeyData:
      // The secret key is not shown: with it, statements can be cancelled.
      return line(name, bytes.length < 9 ? '' : String(bytes.readInt32BE(5)))
    case Backend.NotificationResponse:
      return line(name, ...strings(bytes.subarray(9)))
    case Backend.Authentication:
      return line(name, bytes.length < 9 ? '' : (authentications[bytes.readInt32BE(5)] ?? ''))
    case Backend.CommandComplete:
    case Backend.ParameterStatus:
      return line(name, ...strings(bytes.subarray(5)))
    default:
      return bodyText(name, bytes, length)
  }
}

/** Describes a message of a client. The contents of a PasswordMessage are not shown. */
export function frontendText({ type, bytes, length }: MessageHead): string {
  const name = frontendNames.get(type) ?? `0x${type.toString(16)}`
  switch (type) {
    case Frontend.Password:
      return line(name, '(not shown)')
    case Frontend.Query:
    case Frontend.CopyFail:
      return line(name, ...strings(bytes.subarray(5)))
    case Frontend.Parse: {
      const [statement = '', sql = ''] = strings(bytes.subarray(5))
      return line(name, statement, sql)
    }
    case Frontend.Execute:
      return line(name, strings(bytes.subarray(5))[0] ?? '')
    case Frontend.Describe:
    case Frontend.Close:
      return line(name, bytes[5] === 0x50 ? 'portal' : 'statement', ...strings(bytes.subarray(6)))
    case Frontend.Bind: {
      const [portal = '', statement = ''] = strings(bytes.subarray(5))
      return line(name, portal, statement, ...readParameters(bytes).map(valueText))
    }
    default:
      return bodyText(name, bytes, length)
  }
}

/** Describes a packet of the startup phase, which has no type. A cancel request's key is not shown. */
export function startupText({ code, parameters }: Startup): string {
  if (code === startupCode.ssl) return 'SSLRequest'
  if (code === startupCode.gss) return 'GSSENCRequest'
  if (code === startupCode.cancel) return 'CancelRequest'
  return line('StartupMessage', ...[...parameters].map(([name, value]) => `${name}=${value}`))
}

const authentications: Readonly<Record<number, string>> = { 0: 'Ok', 3: 'CleartextPassword' }

/** A binary value is shown by its length. */
function valueText(value: Buffer | null): string {
  if (value === null) return 'null'
  return `[${isText(value) ? value.toString('utf8') : `${value.length} bytes`}]`
}

const isText = (value: Buffer): boolean => !value.includes(0) && !value.toString('utf8').includes('\ufffd')

function bodyText(name: string, bytes: Buffer, length: number): string {
  const body = bytes.subarray(5)
  return line(name, isText(body) ? body.toString('utf8') : `${length - 5} bytes`)
}

function line(name: string, ...parts: readonly string[]): string {
  const text = parts.filter(part => part !== '').join(' ')
  const cut = text.length > shown ? `${text.slice(0, shown)}...` : text
  return `${name} ${escaped(cut)}`.trimEnd()
}

/** Escapes line breaks, and characters that control a terminal. */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' }[character]
    return known ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })

/** Zero-terminated strings, the last of which may be truncated. */
const strings = (bytes: Buffer): string[] => bytes.toString('utf8').replace(/\0+$/, '').split('\0')
