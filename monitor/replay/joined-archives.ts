/** Joins the archives (blob reports) of processes that have run the same tests, in turn or beside each other, so that their attempts are those of one test. */
import { createWriteStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { openPromise, type ZipFile } from 'yauzl'
import { ZipFile as ZipWriter } from 'yazl'
import { movedReason } from '../../environment/contract/moved-tests.ts'

const events = 'report.jsonl'

/** Of a whole process and not of a test. */
const common = new Set(['onBlobReportMetadata', 'onConfigure', 'onProject', 'onBegin', 'onEnd'])

/** Writes `to`: the first archive, with the attempts of the others and without those that others have taken over. Throws for one that cannot be read. */
export async function joinArchives(archives: readonly string[], to: string): Promise<void> {
  const target = new ZipWriter()
  const written = pipeline(target.outputStream, createWriteStream(to, { mode: 0o600 }))
  // Reported when it is waited for.
  written.catch(() => undefined)
  const lines: string[] = []
  const ends: Ending[] = []
  try {
    for (const [index, archive] of archives.entries()) {
      for (const { method, line } of await copyResources(archive, target)) {
        if (method === 'onEnd') ends.push(JSON.parse(line))
        else if (index === 0 || !common.has(method)) lines.push(line)
      }
    }
    const text = [...lines, ...endOf(ends)].join('\n')
    target.addBuffer(Buffer.from(text), events, { mode: 0o100600, compressionLevel: 1 })
  } finally {
    target.end()
  }
  await written
}

interface Ending {
  method: string
  params: { result: { startTime: number; duration: number } }
}

/** One event: from the beginning of the first process to the end of the last one, which tells what came of all. */
function endOf(ends: readonly Ending[]): string[] {
  const [first, last] = [ends[0], ends.at(-1)]
  if (!first || !last) return []
  const { startTime } = first.params.result
  const { result } = last.params
  const duration = result.startTime + result.duration - startTime
  return [JSON.stringify({ ...last, params: { result: { ...result, startTime, duration } } })]
}

/** Returns the archive's events; all else goes to the target. */
async function copyResources(archive: string, target: ZipWriter): Promise<{ method: string; line: string }[]> {
  const source: ZipFile = await openPromise(archive)
  let lines: string[] = []
  try {
    for await (const entry of source.eachEntry()) {
      const content = await buffer(await source.openReadStreamPromise(entry))
      if (entry.fileName === events) lines = content.toString().split('\n')
      // No two processes give the same name to an attachment.
      else target.addBuffer(content, entry.fileName, { mode: 0o100600, compress: entry.compressionMethod !== 0 })
    }
  } finally {
    source.close()
  }
  return withoutMoved(lines.filter(Boolean)).map(line => ({ method: JSON.parse(line).method, line }))
}

function withoutMoved(lines: readonly string[]): readonly string[] {
  const moved = new Set(lines.filter(line => line.includes(movedReason)).flatMap(movedResult))
  if (moved.size === 0) return lines
  return lines.filter(line => {
    const { result, resultId = result?.id } = JSON.parse(line).params ?? {}
    return !moved.has(resultId)
  })
}

/** The id of an attempt that has ended so. */
function movedResult(line: string): string[] {
  const { method, params } = JSON.parse(line)
  return method === 'onTestEnd' ? [params.result.id] : []
}
