/** Formats a message of the server as a line of text, without what differs between two databases. */
import { createHash } from 'node:crypto'
import { Backend, readErrorFields } from '../protocol/backend-messages.ts'
import { readColumns, readValues } from '../protocol/data-rows.ts'
import { backendName } from '../protocol/message-text.ts'

/** The message's name and contents. Object ids of objects that a test creates are replaced. */
export function lineOf(type: number, bytes: Buffer): string {
  const name = backendName(type)
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

// The other fields that drivers read, except for the location in the server's source.
const details = 'DHpqWstcdn'

function fieldsOf(bytes: Buffer): string {
  const { severity, code, message, position } = readErrorFields(bytes)
  const fields = bytes.toString('utf8', 5).split('\0')
  const more = [...details].flatMap(letter => fields.filter(field => field.startsWith(letter)))
  return [`${severity} ${code} ${message}${position ? ` at ${position}` : ''}`, ...more].join(' | ')
}

const columnsOf = (bytes: Buffer): string =>
  readColumns(bytes)
    .map(({ name, type, size, modifier, format }) => `${name}: ${typeName(type)} ${size} ${modifier} ${format}`)
    .join(', ')

function typesOf(bytes: Buffer): string {
  return Array.from({ length: bytes.readUInt16BE(5) }, (_, i) => typeName(bytes.readUInt32BE(7 + 4 * i))).join(', ')
}

/** The first object id that a server assigns to user objects. */
const firstOwnId = 16384

const typeName = (id: number): string => (id < firstOwnId ? String(id) : 'own')

const valuesOf = (bytes: Buffer): string =>
  readValues(bytes)
    .map(value => (value === null ? 'null' : `[${printable(value)}]`))
    .join(' ')

function printable(bytes: Buffer): string {
  if (bytes.length > 4000) return `${bytes.length} bytes ${createHash('sha1').update(bytes).digest('hex')}`
  const text = bytes.toString('utf8')
  const isText =
    !text.includes('\ufffd') && [...text].every(character => character >= ' ' || '\0\t\n'.includes(character))
  return isText ? text.replaceAll('\0', '.') : bytes.toString('hex')
}
