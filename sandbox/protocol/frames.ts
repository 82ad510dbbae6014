/**
 * Splits a stream of bytes into the frames of the Postgres protocol, version 3.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

/** Called for each frame; `bytes` is the whole frame, type and length included, and is only valid as long as its chunk. */
export type OnFrame = (type: number, bytes: Buffer) => void

/** The same without a buffer for each frame, which lies from `from` to `to` in the chunk. */
export type OnPlace = (type: number, chunk: Buffer, from: number, to: number) => void

/** The length of the longest frame: the server itself rejects messages of 1 GB. */
const maximumLength = 0x3fff_ffff

/**
 * Reads frames of the form: type (1 byte), length (4 bytes, itself included), body.
 * Frames whose type is in `streamed` are passed on as they arrive, so that a large row is never buffered: in pieces, each of
 * which is a part of a frame, or several frames.
 */
export class FrameReader {
  readonly #streamed: ReadonlySet<number>
  readonly #known: ReadonlySet<number> | undefined
  #rest: Buffer | undefined
  /** An incomplete frame; `length` bytes of it have arrived. */
  #partial: { type: number; bytes: Buffer; length: number } | undefined
  #streamedType = 0
  #streamedRemaining = 0

  /** With `known` types, a frame of another type is rejected at once, without its rest. */
  constructor(streamed: ReadonlySet<number> = new Set(), known?: ReadonlySet<number>) {
    this.#streamed = streamed
    this.#known = known
  }

  /** A part of a streamed frame was passed on, and its rest has not arrived. */
  get isMidFrame(): boolean {
    return this.#streamedRemaining > 0
  }

  /** A frame has arrived only in part. */
  get isIncomplete(): boolean {
    return this.#rest !== undefined || this.#partial !== undefined || this.isMidFrame
  }

  /**
   * Takes the next chunk and calls `onFrame` for each frame that is now complete.
   * Throws on an invalid length, after which the stream cannot be read further.
   */
  read(chunk: Buffer, onFrame: OnFrame): void {
    this.locate(chunk, (type, bytes, from, to) => onFrame(type, bytes.subarray(from, to)))
  }

  /** The same with the position of each frame. */
  locate(chunk: Buffer, onPlace: OnPlace): void {
    const rest = this.#rest
    this.#rest = undefined
    if (rest) this.#cut(Buffer.concat([rest, chunk]), 0, onPlace)
    else this.#cut(chunk, this.#complete(chunk, onPlace), onPlace)
  }

  /** Takes the rest of a frame that began in an earlier chunk. Returns the position after it. */
  #complete(chunk: Buffer, onPlace: OnPlace): number {
    const partial = this.#partial
    if (partial) {
      const taken = chunk.copy(partial.bytes, partial.length)
      partial.length += taken
      if (partial.length < partial.bytes.length) return taken
      this.#partial = undefined
      onPlace(partial.type, partial.bytes, 0, partial.bytes.length)
      return taken
    }
    if (this.#streamedRemaining === 0) return 0
    const taken = Math.min(this.#streamedRemaining, chunk.length)
    this.#streamedRemaining -= taken
    onPlace(this.#streamedType, chunk, 0, taken)
    return taken
  }

  #cut(bytes: Buffer, from: number, onPlace: OnPlace): void {
    let at = from
    while (bytes.length - at >= 5) {
      const type = bytes[at] ?? 0
      const end = endOfFrame(bytes, at)
      if (this.#streamed.has(type)) {
        at = this.#stream(bytes, at, onPlace)
      } else if (end <= bytes.length) {
        onPlace(type, bytes, at, end)
        at = end
      } else {
        if (this.#known && !this.#known.has(type)) throw new Error(`invalid frontend message type ${type}`)
        // The length is known, so that a large frame takes no more memory than its size, and none before its bytes arrive.
        const whole = Buffer.allocUnsafeSlow(end - at)
        this.#partial = { type, bytes: whole, length: bytes.copy(whole, 0, at) }
        return
      }
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at)
  }

  /** Passes on a streamed frame and those of its type that follow it, as far as they have arrived, in one piece. */
  #stream(bytes: Buffer, at: number, onPlace: OnPlace): number {
    const type = bytes[at] ?? 0
    let end = endOfFrame(bytes, at)
    while (bytes.length - end >= 5 && bytes[end] === type) end = endOfFrame(bytes, end)
    if (end > bytes.length) {
      this.#streamedType = type
      this.#streamedRemaining = end - bytes.length
      end = bytes.length
    }
    onPlace(type, bytes, at, end)
    return end
  }
}

/** The end of the frame that begins at `at`. Throws on an invalid length. */
function endOfFrame(bytes: Buffer, at: number): number {
  const length = lengthAt(bytes, at + 1)
  if (length >= 4 && length <= maximumLength) return at + 1 + length
  const type = bytes.readUInt8(at).toString(16)
  throw new Error(`Not a Postgres message: type 0x${type} with a length of ${length} bytes.`)
}

/** Reads four bytes that are there, for each frame: Buffer's own method checks them once more. */
function lengthAt(bytes: Buffer, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  return high * 0x10000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
}

/** A complete frame with a malformed body; the message is the server's. */
export class MalformedMessage extends Error {}

/** Reads the zero-terminated string at `at`, and the position of the next field. Throws a MalformedMessage. */
export function readString(bytes: Buffer, at: number): { value: string; next: number } {
  // The names of most portals and statements are empty.
  if (bytes[at] === 0) return { value: '', next: at + 1 }
  const end = bytes.indexOf(0, at)
  if (end === -1) throw new MalformedMessage('invalid string in message')
  return { value: bytes.toString('utf8', at, end), next: end + 1 }
}
