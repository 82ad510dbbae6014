/** Messages of the server: their types, encoders for those that the sandbox sends, and readers. */

import { readString } from './frames.ts'

/** Message types, the first byte of a frame. https://www.postgresql.org/docs/current/protocol-message-formats.html */
export const Backend = {
  Authentication: 0x52,
  BackendKeyData: 0x4b,
  BindComplete: 0x32,
  CloseComplete: 0x33,
  CommandComplete: 0x43,
  CopyData: 0x64,
  CopyInResponse: 0x47,
  CopyBothResponse: 0x57,
  DataRow: 0x44,
  EmptyQueryResponse: 0x49,
  ErrorResponse: 0x45,
  NegotiateProtocolVersion: 0x76,
  NoData: 0x6e,
  NoticeResponse: 0x4e,
  NotificationResponse: 0x41,
  ParameterDescription: 0x74,
  ParameterStatus: 0x53,
  ParseComplete: 0x31,
  PortalSuspended: 0x73,
  ReadyForQuery: 0x5a,
  RowDescription: 0x54,
} as const

/** The transaction status that ReadyForQuery carries: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E'

/** The fields of an ErrorResponse or NoticeResponse. Those that are not listed here are kept as well. */
export type ErrorFields = {
  /** ERROR, FATAL, WARNING. */
  severity: string
  /** SQLSTATE. */
  code: string
  message: string
  detail?: string
  hint?: string
  /** A character of the query, counted from 1. */
  position?: string
  /** The call stack: a line for each function or statement of the server. */
  context?: string
  /** The server's routine that reported it. */
  routine?: string
}

/** What each field is called in a frame. https://www.postgresql.org/docs/current/protocol-error-fields.html */
const fieldCodes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    severity: 'S',
    code: 'C',
    message: 'M',
    detail: 'D',
    hint: 'H',
    position: 'P',
    context: 'W',
    routine: 'R',
  } satisfies Record<keyof ErrorFields, string>),
)

const fieldNames: ReadonlyMap<string, string> = new Map([...fieldCodes].map(([name, code]) => [code, name]))

export function frame(type: number, body: Buffer | string = ''): Buffer {
  const length = Buffer.byteLength(body)
  const bytes = Buffer.allocUnsafe(5 + length)
  bytes[0] = type
  bytes.writeUInt32BE(4 + length, 1)
  if (typeof body === 'string') bytes.write(body, 5)
  else body.copy(bytes, 5)
  return bytes
}

const ready = {
  I: frame(Backend.ReadyForQuery, 'I'),
  T: frame(Backend.ReadyForQuery, 'T'),
  E: frame(Backend.ReadyForQuery, 'E'),
}

/** The status byte of the ReadyForQuery frame that begins at `from`. */
export function statusOf(chunk: Buffer, from = 0): TransactionStatus {
  const status = chunk[from + 5]
  return status === inTransaction ? 'T' : status === inFailedTransaction ? 'E' : 'I'
}

const inTransaction = 'T'.charCodeAt(0)
const inFailedTransaction = 'E'.charCodeAt(0)

/** The command tag of the CommandComplete frame that begins at `from`, such as `INSERT 0 1`. */
export const tagOf = (chunk: Buffer, from: number): string => readString(chunk, from + 5).value

/** Whether the tag is that of a query, or of a change of rows: of most statements, so that it has to be found out quickly. */
export function isOfRows(tag: string): boolean {
  return (
    tag.startsWith('SELECT ') || tag.startsWith('INSERT ') || tag.startsWith('UPDATE ') || tag.startsWith('DELETE ')
  )
}

export const readyForQuery = (status: TransactionStatus): Buffer => ready[status]
export const commandComplete = (tag: string): Buffer => frame(Backend.CommandComplete, `${tag}\0`)
export const parameterStatus = (name: string, value: string): Buffer =>
  frame(Backend.ParameterStatus, `${name}\0${value}\0`)
export const parseComplete = frame(Backend.ParseComplete)
export const bindComplete = frame(Backend.BindComplete)
export const closeComplete = frame(Backend.CloseComplete)
export const noData = frame(Backend.NoData)
export const noParameters = frame(Backend.ParameterDescription, Buffer.alloc(2))
export const emptyQueryResponse = frame(Backend.EmptyQueryResponse)
export const authenticationOk = frame(Backend.Authentication, Buffer.from([0, 0, 0, 0]))
export const authenticationCleartextPassword = frame(Backend.Authentication, Buffer.from([0, 0, 0, 3]))

export function backendKeyData(processId: number, secretKey: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeInt32BE(processId, 0)
  body.writeInt32BE(secretKey, 4)
  return frame(Backend.BackendKeyData, body)
}

/** Offers version 3.0 to a client of a newer minor version (3.2), and lists the protocol options that are not supported. */
export function negotiateProtocolVersion(unknownOptions: readonly string[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(196608, 0)
  head.writeInt32BE(unknownOptions.length, 4)
  const names = unknownOptions.map(name => `${name}\0`).join('')
  return frame(Backend.NegotiateProtocolVersion, Buffer.concat([head, Buffer.from(names)]))
}

export const errorResponse = (fields: ErrorFields): Buffer => frame(Backend.ErrorResponse, encodeFields(fields))
export const noticeResponse = (fields: ErrorFields): Buffer => frame(Backend.NoticeResponse, encodeFields(fields))

function encodeFields(fields: ErrorFields): string {
  // What is not listed has its code for a name.
  const all = { V: fields.severity, ...fields }
  return `${Object.entries(all)
    .map(([name, value]) => `${fieldCodes.get(name) ?? name}${value}\0`)
    .join('')}\0`
}

/** Reads the fields of an ErrorResponse or NoticeResponse frame. */
export function readErrorFields(bytes: Buffer): ErrorFields {
  const fields: ErrorFields = { severity: 'ERROR', code: 'XX000', message: '' }
  for (const field of bytes.toString('utf8', 5).split('\0')) {
    const code = field.charAt(0)
    if (field) Object.assign(fields, { [fieldNames.get(code) ?? code]: field.slice(1) })
  }
  return fields
}
