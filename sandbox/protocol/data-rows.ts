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

function readRow(bytes: Buffer): (string | null)[] {
  const values: (string | null)[] = []
  let at = 7
  for (let count = bytes.readUInt16BE(5); count > 0; count--) {
    const length = bytes.readInt32BE(at)
    at += 4
    values.push(length === -1 ? null : bytes.toString('utf8', at, at + length))
    at += Math.max(0, length)
  }
  return values
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
