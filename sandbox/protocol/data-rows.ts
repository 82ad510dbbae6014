/** Reads and writes DataRow and RowDescription messages. */
import { Backend, frame } from './backend-messages.ts'
import { FrameReader } from './frames.ts'

/** Collects the rows of a response as text, from DataRow frames that come whole or in pieces. */
export class RowReader {
  readonly #reader = new FrameReader()
  /** The values of each row. */
  readonly rows: (string | null)[][] = []

  add(bytes: Buffer): void {
    // A copy, since the pieces of one frame arrive in several chunks.
    this.#reader.read(Buffer.from(bytes), (_type, row) => this.rows.push(readRow(row)))
  }
}

const readRow = (bytes: Buffer): (string | null)[] => readValues(bytes).map(value => value?.toString('utf8') ?? null)

/** Reads the values of a DataRow frame. Of a truncated frame, it returns those that are there. */
export function readValues(bytes: Buffer, at = 5): (Buffer | null)[] {
  const values: (Buffer | null)[] = []
  if (bytes.length < at + 2) return values
  let next = at + 2
  for (let count = bytes.readUInt16BE(at); count > 0 && next + 4 <= bytes.length; count--) {
    const length = bytes.readInt32BE(next)
    next += 4
    values.push(length === -1 ? null : bytes.subarray(next, next + length))
    next += Math.max(0, length)
  }
  return values
}

/** A column of a RowDescription: `type` is an object id; `size` and `modifier` are pg_type.typlen and pg_attribute.atttypmod. */
export type Column = { name: string; type: number; size: number; modifier: number; format: number }

/** Reads the columns of a RowDescription frame. Of a truncated frame, it returns those that are there. */
export function readColumns(bytes: Buffer): Column[] {
  const columns: Column[] = []
  for (let at = 7; ; ) {
    const end = bytes.indexOf(0, at)
    if (end === -1 || end + 19 > bytes.length) return columns
    columns.push({
      name: bytes.toString('utf8', at, end),
      type: bytes.readUInt32BE(end + 7),
      size: bytes.readInt16BE(end + 11),
      modifier: bytes.readInt32BE(end + 13),
      format: bytes.readInt16BE(end + 17),
    })
    at = end + 19
  }
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** The object id of the type `text`. */
const textType = 25

/** The RowDescription for one column of type `text`. */
export const describeText = (column: string): Buffer =>
  frame(
    Backend.RowDescription,
    Buffer.concat([
      int16(1),
      Buffer.from(`${column}\0`),
      int32(0),
      int16(0),
      int32(textType),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  )

/** The DataRow with one text. */
export function textRow(value: string): Buffer {
  const text = Buffer.from(value)
  return frame(Backend.DataRow, Buffer.concat([int16(1), int32(text.length), text]))
}
