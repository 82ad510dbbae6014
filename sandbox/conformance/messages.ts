/** Builds the messages of the scenarios as drivers do: with parameters, formats, portals and row limits. */
import { frame } from '../protocol/backend-messages.ts'
import { Frontend, parse, sync } from '../protocol/frontend-messages.ts'

/** A parameter value: text, bytes in the binary format, or null. */
export type Value = string | Buffer | null

/** The format codes of parameters and result columns: 0 is text, 1 is binary. */
export type Formats = { parameters?: readonly number[]; results?: readonly number[] }

/** A Parse message that declares the parameter types by object id. */
export const parseTyped = (name: string, sql: string, ...types: number[]): Buffer =>
  frame(
    Frontend.Parse,
    Buffer.concat([Buffer.from(`${name}\0${sql}\0`), int16(types.length), ...types.map(type => int32(type))]),
  )

export const describeStatement = (name: string): Buffer => frame(Frontend.Describe, `S${name}\0`)
export const describePortal = (name: string): Buffer => frame(Frontend.Describe, `P${name}\0`)

export function bind(portal: string, statement: string, values: readonly Value[] = [], formats: Formats = {}): Buffer {
  const { parameters = [], results = [] } = formats
  return frame(
    Frontend.Bind,
    Buffer.concat([
      Buffer.from(`${portal}\0${statement}\0`),
      int16(parameters.length),
      ...parameters.map(int16),
      int16(values.length),
      ...values.flatMap(sized),
      int16(results.length),
      ...results.map(int16),
    ]),
  )
}

/** An Execute message; `rows`: the maximum number of rows, 0 for all. */
export const execute = (portal: string, rows = 0): Buffer =>
  frame(Frontend.Execute, Buffer.concat([Buffer.from(`${portal}\0`), int32(rows)]))

export const copyData = (text: string | Buffer): Buffer => frame(Frontend.CopyData, text)
export const copyDone = frame(Frontend.CopyDone)
export const copyFailed = frame(Frontend.CopyFail, 'given up\0')

/** What most drivers send for a query with parameters: all messages in one write, with the unnamed statement. */
export const run = (sql: string, ...values: Value[]): Buffer[] => [...unsynced(sql, ...values), sync]

/** The same without a Sync, for pipelines. */
export const unsynced = (sql: string, ...values: Value[]): Buffer[] => [
  parse('', sql),
  bind('', '', values),
  describePortal(''),
  execute(''),
]

/** Runs a prepared statement like drivers that already have its description. */
export const runPrepared = (name: string, ...values: Value[]): Buffer[] => [bind('', name, values), execute(''), sync]

/** A FunctionCall message; `format` applies to the arguments and the result. */
export const callFunction = (id: number, values: readonly Value[], format = 0): Buffer =>
  frame(
    Frontend.FunctionCall,
    Buffer.concat([int32(id), int16(1), int16(format), int16(values.length), ...values.flatMap(sized), int16(format)]),
  )

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

function sized(value: Value): Buffer[] {
  if (value === null) return [int32(-1)]
  const bytes = Buffer.from(value)
  return [int32(bytes.length), bytes]
}
