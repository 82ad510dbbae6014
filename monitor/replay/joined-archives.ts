/** Joins the archives (blob reports) of processes that have run the same tests, in turn or beside each other, so that their attempts are those of one test. */
import { createWriteStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { openPromise, type ZipFile } from 'yauzl'
import { ZipFile as ZipWriter } from 'yazl'

const events = 'report.jsonl'

/** Of a whole process and not of a test. */
const common = new Set(['onBlobReportMetadata', 'onConfigure', 'onProject', 'onBegin', 'onEnd'])

/** Writes `to`: the first archive, with the attempts of the others and without those that later ones make good. Throws for one that cannot be read. */
export async function joinArchives(archives: readonly string[], to: string): Promise<void> {
  const target = new ZipWriter()
  const written = pipeline(target.outputStream, createWriteStream(to, { mode: 0o600 }))
  // Reported when it is waited for.
  written.catch(() => undefined)
  const processes: ReportEvent[][] = []
  try {
    for (const archive of archives) processes.push(await copyResources(archive, target))
    const superseded = supersededAttempts(processes)
    const all = processes.map(events => events.filter(({ attempt }) => !superseded.has(attempt)))
    const known = new Set<string>()
    const kept = all.flatMap((events, index) =>
      events.flatMap(event => {
        const added = event.method === 'onProject' ? withNewTests(event, known) : []
        return index === 0 || !common.has(event.method) ? event : added
      }),
    )
    const ends = all.flat().filter(({ method }) => method === 'onEnd')
    const lines = kept.filter(({ method }) => method !== 'onEnd').map(({ line }) => line)
    const text = [...lines, ...endOf(ends.map(({ line }) => JSON.parse(line)))].join('\n')
    target.addBuffer(Buffer.from(text), events, { mode: 0o100600, compressionLevel: 1 })
  } finally {
    target.end()
  }
  await written
}

interface ReportEvent {
  method: string
  line: string
  /** The ids of the test and of the attempt that it is about. */
  test: unknown
  attempt: unknown
  /** Of an attempt that has ended. */
  status: unknown
}

/** Those that were left out or broken off, where a later process has tried the test. */
function supersededAttempts(processes: readonly ReportEvent[][]): ReadonlySet<unknown> {
  const superseded = new Set<unknown>()
  const triedLater = new Set<unknown>()
  for (const events of [...processes].reverse()) {
    for (const { status, test, attempt } of events) {
      if ((status === 'skipped' || status === 'interrupted') && triedLater.has(test)) superseded.add(attempt)
    }
    for (const { test } of events) if (test !== undefined) triedLater.add(test)
  }
  return superseded
}

/** A suite or a test. */
interface Entry {
  testId?: string
  entries?: Entry[]
}

/**
 * The event of a project with the tests that no earlier process had, as in the reports of shards: one that has died left no archive, and
 * further processes have only those tests that they are to try. None if there are no such tests.
 */
function withNewTests(event: ReportEvent, known: Set<string>): ReportEvent[] {
  const { method, params } = JSON.parse(event.line)
  const suites = newEntries(params.project.suites, known)
  const project = { ...params.project, suites }
  return suites.length > 0 ? [{ ...event, line: JSON.stringify({ method, params: { ...params, project } }) }] : []
}

function newEntries(all: readonly Entry[], known: Set<string>): Entry[] {
  return all.flatMap(entry => {
    if (entry.testId === undefined) {
      const entries = newEntries(entry.entries ?? [], known)
      return entries.length > 0 ? { ...entry, entries } : []
    }
    if (known.has(entry.testId)) return []
    known.add(entry.testId)
    return entry
  })
}

interface Ending {
  method: string
  params: { result: { startTime: number; duration: number } }
}

/** One event: from the beginning of the first process to the end of the last one, which has the result of all. */
function endOf(ends: readonly Ending[]): string[] {
  const [first, last] = [ends[0], ends.at(-1)]
  if (!first || !last) return []
  const { startTime } = first.params.result
  const { result } = last.params
  const duration = result.startTime + result.duration - startTime
  return [JSON.stringify({ ...last, params: { result: { ...result, startTime, duration } } })]
}

/** Returns the archive's events; all else goes to the target. */
async function copyResources(archive: string, target: ZipWriter): Promise<ReportEvent[]> {
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
  return lines.filter(Boolean).map(eventIn)
}

function eventIn(line: string): ReportEvent {
  const { method, params = {} } = JSON.parse(line)
  const { test, testId = test?.testId, result, resultId = result?.id } = params
  return { method, line, test: testId, attempt: resultId, status: method === 'onTestEnd' ? result.status : undefined }
}
