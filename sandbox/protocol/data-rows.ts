/** Reads the rows of an answer, as text. */
import { Backend, frame } from './backend-messages.ts'
import { FrameReader } from './frames.ts'

/** Takes the DataRow frames of an answer, whole or in pieces. */
export class RowReader {
  readonly #reader = new FrameReader()
  /** The values of each row; null is null. */
  readonly rows: (string | null)[][] = []

  add(bytes: Buffer): void {
    // A copy, since the pieces of one frame come with several chunks.
    this.#reader.read(Buffer.from(bytes), (_type, row) => this.rows.push(readRow(row)))
  }
}

const readRow = (bytes: Buffer): (string | null)[] => readValues(bytes).map(value => value?.toString('utf8') ?? null)

/** The values of a DataRow frame; null is null. Of a frame that was cut, as many as are there. */
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

/** A column of a RowDescription: `type` is the type's object id, `size` and `modifier` are what pg_attribute has for it. */
export type Column = { name: string; type: number; size: number; modifier: number; format: number }

/** The columns of a RowDescription frame. Of a frame that was cut, as many as are there. */
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

/** The object id of the type text. */
const textType = 25

/** The description of rows with one column of type text. */
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

/** A row with one text. */
export function textRow(value: string): Buffer {
  const text = Buffer.from(value)
  return frame(Backend.DataRow, Buffer.concat([int16(1), int32(text.length), text]))
}
