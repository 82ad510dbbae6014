/** Redacts a zip archive and the archives in it, such as Playwright's blob report with its traces. */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { ZipFile as ZipWriter } from 'yazl'
import { holdsEvents, redactEvents } from './json-lines.ts'
import { blank, isPicture } from './picture.ts'
import { isLikeJson, type Redactor } from './redactor.ts'

/** The maximum depth of archives in archives: a trace in a blob is at the second level. */
export const deepest = 6

/** Of a whole file that is read as one text, in bytes. */
export const largestText = 20_000_000

/** Takes the place of what may contain secrets and cannot be redacted. */
export const leftOut = Buffer.from('This archive was left out: it cannot be read, and thus not be redacted.\n')

/**
 * Writes the archive `from` to `to` without the secrets. Entries are streamed; archives in it are unpacked into a temporary
 * folder beside `to`, so `to` has to be in a folder that only its owner can read.
 * Throws for an archive that cannot be read, with its path; `to` is incomplete then. Archives in it that cannot be read are
 * replaced by a note.
 * @param pictures `kept` if no secret can be visible on pictures.
 * @param added Texts that are redacted with it: each is added to the entry of its name, or is an entry of its own.
 */
export async function redactArchive(
  from: string,
  to: string,
  redactor: Redactor,
  pictures: 'kept' | 'blank',
  added: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const scratch = await mkdtemp(path.join(path.dirname(to), 'unpacked-'))
  try {
    await rewrite(from, to, { redactor, pictures, scratch, depth: 1, added })
  } catch (error) {
    throw new Error(`The archive ${from} cannot be redacted: ${(error as Error).message}`, { cause: error })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

interface Level {
  redactor: Redactor
  pictures: 'kept' | 'blank'
  scratch: string
  depth: number
  /** By the names of entries. */
  added: ReadonlyMap<string, string>
}

async function rewrite(from: string, to: string, level: Level): Promise<void> {
  if (level.depth > deepest) throw new Error(`it has archives nested more than ${deepest} levels deep.`)
  const [source, target] = [await openPromise(from), new ZipWriter()]
  const written = pipeline(target.outputStream, createWriteStream(to, { mode: 0o600 }))
  // The rejection is handled by the await below.
  written.catch(() => undefined)
  try {
    const missing = new Map(level.added)
    for await (const entry of source.eachEntry()) {
      missing.delete(entry.fileName)
      await copy(source, entry, target, level)
    }
    for (const [name, text] of missing) {
      target.addBuffer(Buffer.from(level.redactor.text(text)), name, { mode: 0o100600 })
    }
  } finally {
    source.close()
    target.end()
  }
  await written
}

async function copy(source: ZipFile, entry: Entry, target: ZipWriter, level: Level): Promise<void> {
  const { redactor } = level
  const name = redactor.text(entry.fileName)
  if (name.endsWith('/')) {
    target.addEmptyDirectory(name)
    return
  }
  if (entry.isEncrypted()) throw new Error(`its entry ${name} is encrypted.`)
  const content = await source.openReadStreamPromise(entry)
  const { kind, first } = await peek(content)
  // Entries stored without compression are those that do not shrink, such as pictures.
  const options = { compressionLevel: entry.compressionMethod === 0 ? 0 : 1 }
  if (kind === 'picture' && level.pictures === 'blank') {
    content.destroy()
    target.addBuffer(blank, name, { mode: 0o100600 })
  } else if (kind === 'gzip') {
    const clean = spoolFile(level)
    const stages = [createGunzip(), redactor.stream(), createGzip(), createWriteStream(clean, { mode: 0o600 })]
    const isRead = await isReadable(() => pipeline([content, ...stages]))
    await addSpooled(target, name, isRead ? clean : undefined)
  } else if (kind === 'zip') {
    const [packed, clean] = [spoolFile(level), spoolFile(level)]
    await pipeline(content, createWriteStream(packed, { mode: 0o600 }))
    const isRead = await isReadable(() => rewrite(packed, clean, inner(level)))
    await rm(packed)
    await addSpooled(target, name, isRead ? clean : undefined)
  } else if (holdsEvents(name)) {
    const text = level.added.get(entry.fileName)
    const whole = text === undefined ? content : followedBy(content, text)
    const events = Readable.from(redactEvents(redactor, body => redactBody(body, level))(whole))
    await add(target, name, events, [], options)
  } else if (isLikeJson(first) && entry.uncompressedSize <= largestText) {
    target.addBuffer(redactor.body(await buffer(content)), name, { ...options, mode: 0o100600 })
  } else await add(target, name, content, [redactor.stream()], options)
}

const inner = (level: Level): Level => ({ ...level, depth: level.depth + 1, added: new Map() })

/** Whether an archive can be read to its end. A full disk says nothing of it: that is an error of its own. */
async function isReadable(read: () => Promise<void>): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'syscall' in error) throw error
    return false
  }
}

async function addSpooled(target: ZipWriter, name: string, clean: string | undefined): Promise<void> {
  if (clean === undefined) {
    target.addBuffer(leftOut, name, { mode: 0o100600 })
    return
  }
  await add(target, name, createReadStream(clean), [], { compressionLevel: 0 })
  await rm(clean)
}

/** Redacts an attachment, which may be an archive itself. */
async function redactBody(body: Buffer, level: Level): Promise<Buffer> {
  const kind = kindOf(body)
  if (kind === 'picture' && level.pictures === 'blank') return blank
  if (kind === 'gzip') return redactGzip(body, level.redactor)
  if (kind !== 'zip') return level.redactor.body(body)
  const [packed, clean] = [spoolFile(level), spoolFile(level)]
  await writeFile(packed, body, { mode: 0o600 })
  const isRead = await isReadable(() => rewrite(packed, clean, inner(level)))
  const redacted = isRead ? await readFile(clean) : leftOut
  await Promise.all([packed, clean].map(file => rm(file, { force: true })))
  return redacted
}

/** The same buffer if there is no secret in it. */
export function redactGzip(body: Buffer, redactor: Redactor): Buffer {
  let content: Buffer
  try {
    content = gunzipSync(body)
  } catch {
    return leftOut
  }
  const redacted = redactor.body(content)
  return redacted === content ? body : gzipSync(redacted)
}

async function* followedBy(content: AsyncIterable<Buffer>, text: string): AsyncGenerator<Buffer> {
  yield* content
  yield Buffer.from(text)
}

/** Resolves when the entry is completely written. */
async function add(
  target: ZipWriter,
  name: string,
  content: Readable,
  stages: NodeJS.ReadWriteStream[],
  options: { compressionLevel: number },
): Promise<void> {
  const output = new PassThrough()
  target.addReadStream(output, name, { ...options, mode: 0o100600 })
  await pipeline([content, ...stages, output])
}

function spoolFile({ scratch }: Level): string {
  return path.join(scratch, randomBytes(8).toString('hex'))
}

type Kind = 'zip' | 'gzip' | 'picture' | 'other'

/** The kind of an entry by its first bytes, which stay in the stream. */
export async function peek(content: Readable): Promise<{ kind: Kind; first: Buffer }> {
  const chunk: Buffer | null = await new Promise((resolve, reject) => {
    const look = () => {
      const read = content.read()
      if (read === null && !content.readableEnded) return
      content.off('readable', look)
      resolve(read)
    }
    content.on('readable', look)
    content.once('end', () => resolve(null))
    content.once('error', reject)
  })
  if (chunk !== null) content.unshift(chunk)
  return { kind: kindOf(chunk), first: chunk ?? Buffer.alloc(0) }
}

export function kindOf(bytes: Buffer | null): Kind {
  if (!bytes) return 'other'
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return 'zip'
  if (bytes.subarray(0, 3).equals(Buffer.from([0x1f, 0x8b, 0x08]))) return 'gzip'
  return isPicture(bytes) ? 'picture' : 'other'
}
