/** For tests: a message of the server in one line of words, less what differs between two databases. */
import { createHash } from 'node:crypto'
import { Backend, readErrorFields } from '../protocol/backend-messages.ts'
import { readString } from '../protocol/frames.ts'

const names = new Map<number, string>(Object.entries(Backend).map(([name, type]) => [type, name]))

/** The message as a line: its name, and what it says. Object ids of what a test has made are left out. */
export function lineOf(type: number, bytes: Buffer): string {
  const name = names.get(type) ?? `0x${type.toString(16)}`
  switch (type) {
    case Backend.ErrorResponse:
    case Backend.NoticeResponse:
      return `${name} ${fieldsOf(bytes)}`
    case Backend.RowDescription:
      return `${name} ${columnsOf(bytes)}`
    case Backend.ParameterDescription:
      return `${name} ${typesOf(bytes)}`
    case Backend.DataRow:
      return `${name} ${valuesOf(bytes)}`
    case Backend.NotificationResponse:
      return `${name} ${bytes.toString('utf8', 9).split('\0').join(' ').trim()}`
    default:
      return `${name} ${printable(bytes.subarray(5))}`
  }
}

// What else drivers read, less the places in the server's own source.
const details = 'DHpqWstcdn'

function fieldsOf(bytes: Buffer): string {
  const { severity, code, message, position } = readErrorFields(bytes)
  const fields = bytes.toString('utf8', 5).split('\0')
  const more = [...details].flatMap(letter => fields.filter(field => field.startsWith(letter)))
  return [`${severity} ${code} ${message}${position ? ` at ${position}` : ''}`, ...more].join(' | ')
}

function columnsOf(bytes: Buffer): string {
  const columns: string[] = []
  for (let at = 7; at < bytes.length; ) {
    const { value, next } = readString(bytes, at)
    const size = bytes.readInt16BE(next + 10)
    const modifier = bytes.readInt32BE(next + 12)
    const format = bytes.readInt16BE(next + 16)
    columns.push(`${value}: ${typeName(bytes.readUInt32BE(next + 6))} ${size} ${modifier} ${format}`)
    at = next + 18
  }
  return columns.join(', ')
}

function typesOf(bytes: Buffer): string {
  return Array.from({ length: bytes.readUInt16BE(5) }, (_, i) => typeName(bytes.readUInt32BE(7 + 4 * i))).join(', ')
}

/** The first object id that a server gives to what its users make. */
const firstOwnId = 16384

const typeName = (id: number): string => (id < firstOwnId ? String(id) : 'own')

function valuesOf(bytes: Buffer): string {
  const values: string[] = []
  for (let at = 7; at < bytes.length; ) {
    const length = bytes.readInt32BE(at)
    at += 4
    values.push(length < 0 ? 'null' : `[${printable(bytes.subarray(at, at + length))}]`)
    at += Math.max(length, 0)
  }
  return values.join(' ')
}

function printable(bytes: Buffer): string {
  if (bytes.length > 4000) return `${bytes.length} bytes ${createHash('sha1').update(bytes).digest('hex')}`
  const text = bytes.toString('utf8')
  const isText =
    !text.includes('\ufffd') && [...text].every(character => character >= ' ' || '\0\t\n'.includes(character))
  return isText ? text.replaceAll('\0', '.') : bytes.toString('hex')
}
