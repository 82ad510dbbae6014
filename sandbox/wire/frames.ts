/**
 * Cuts a stream of bytes into the frames of the Postgres wire protocol, version 3.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

/** Called for each frame; `bytes` is the whole frame, type and length included, and is only valid as long as its chunk. */
export type OnFrame = (type: number, bytes: Buffer) => void

/** A frame longer than this is not one: the server itself refuses messages of 1 GB. */
const maximumLength = 0x3fff_ffff

/**
 * Reads frames of the form: type (1 byte), length (4 bytes, itself included), body.
 * Frames whose type is in `streamed` are handed on in pieces as they arrive, so that a large row is never held whole.
 */
export class FrameReader {
  readonly #streamed: ReadonlySet<number>
  readonly #known: ReadonlySet<number> | undefined
  #rest: Buffer | undefined
  #pieces: Buffer[] = []
  #missing = 0
  #streamedType = 0
  #streamedRemaining = 0

  /** With `known` types, nobody waits for the rest of a frame of another type. */
  constructor(streamed: ReadonlySet<number> = new Set(), known?: ReadonlySet<number>) {
    this.#streamed = streamed
    this.#known = known
  }

  /**
   * Takes the next chunk and calls `onFrame` for each frame that is now complete.
   * Throws on a length that no frame can have; the stream cannot be read any further then.
   */
  read(chunk: Buffer, onFrame: OnFrame): void {
    if (this.#missing > chunk.length) {
      this.#missing -= chunk.length
      this.#pieces.push(chunk)
      return
    }
    let bytes = chunk
    if (this.#missing > 0) {
      this.#pieces.push(chunk)
      bytes = Buffer.concat(this.#pieces)
      this.#pieces = []
      this.#missing = 0
    } else if (this.#rest) {
      bytes = Buffer.concat([this.#rest, chunk])
    }
    this.#rest = undefined
    this.#cut(bytes, onFrame)
  }

  #cut(bytes: Buffer, onFrame: OnFrame): void {
    let at = 0
    if (this.#streamedRemaining > 0) {
      at = Math.min(this.#streamedRemaining, bytes.length)
      this.#streamedRemaining -= at
      onFrame(this.#streamedType, bytes.subarray(0, at))
    }
    while (bytes.length - at >= 5) {
      const type = bytes.readUInt8(at)
      const length = bytes.readUInt32BE(at + 1)
      if (length < 4 || length > maximumLength) {
        throw new Error(`Not a Postgres message: type 0x${type.toString(16)} with a length of ${length} bytes.`)
      }
      const end = at + 1 + length
      if (end <= bytes.length) {
        onFrame(type, bytes.subarray(at, end))
        at = end
        continue
      }
      if (this.#known && !this.#known.has(type)) throw new Error(`invalid frontend message type ${type}`)
      if (!this.#streamed.has(type)) {
        // The length is known: gather the pieces and join them once.
        this.#pieces = [bytes.subarray(at)]
        this.#missing = end - bytes.length
        return
      }
      this.#streamedType = type
      this.#streamedRemaining = end - bytes.length
      onFrame(type, bytes.subarray(at))
      return
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at)
  }
}

/** A message whose frame is whole and whose body is not; says so in the words of a server. */
export class MalformedMessage extends Error {}

/** Reads the zero-terminated string that begins at `at`, and where the next field begins. Throws a MalformedMessage. */
export function readString(bytes: Buffer, at: number): { value: string; next: number } {
  const end = bytes.indexOf(0, at)
  if (end === -1) throw new MalformedMessage('invalid string in message')
  return { value: bytes.toString('utf8', at, end), next: end + 1 }
}
