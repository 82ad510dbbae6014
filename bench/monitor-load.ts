/** Measures whether the monitor sustains 600 API checks per minute: one instance, with readers of its page, two instances, and during an outage. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { openPool } from '../monitor/store/pool.ts'
import { withClient } from '../postgres/connection.ts'
import { startPersistentServer } from '../postgres/persistent/persistent-server.ts'
import { benchFolder, writeChecksProject } from './checks-project.ts'
import { type MonitorProcess, startMonitorProcess } from './monitor-process.ts'
import { startPageReaders } from './page-readers.ts'
import { type SampleProcess, startSampleProcess } from './sample-process.ts'
import { duration, type Row, type Section } from './table.ts'

/** 600 checks per minute with 200 readers, or less. */
const loads = {
  // The readers have live updates.
  long: { checks: 600, cron: '* * * * *', everyMs: 60_000, rounds: 5, readers: 200 },
  short: { checks: 10, cron: '*/3 * * * * *', everyMs: 3_000, rounds: 1, readers: 20 },
}
type Load = (typeof loads)[keyof typeof loads]

export async function measureMonitorLoad(short: boolean): Promise<Section> {
  const load = short ? loads.short : loads.long
  const folder = benchFolder()
  const server = await startPersistentServer(path.join(folder, 'server'))
  const monitors: MonitorProcess[] = []
  try {
    const database = async (name: string) => {
      await withClient(server.url, client => client.query(`create database ${name}`))
      return new URL(`/${name}`, server.url).href
    }
    const sample = await startSampleProcess(await database('sample'))
    const databaseUrl = await database('monitor')
    const request = `'/plans', { headers: { 'x-request-id': title } }`
    const project = path.join(folder, 'project')
    await writeChecksProject(project, { ...load, baseURL: sample.url, perFile: 10, request, defaults: { retries: 0 } })
    const start = async () => {
      const monitor = await startMonitorProcess(project, databaseUrl)
      monitors.push(monitor)
      return monitor
    }
    const first = await start()
    const green = await observe([first], databaseUrl, sample, load)
    const readers = await startPageReaders(first.url, load.readers)
    const read = await observe([first], databaseUrl, sample, load).finally(readers.stop)
    const second = await start()
    const shared = await observe([first, second], databaseUrl, sample, load)
    await Promise.all([second.stop(), sample.stop()])
    const outage = await observe([first], databaseUrl, sample, load)
    const slots = load.checks * load.rounds
    const minutes = (load.rounds * load.everyMs) / 60_000
    return {
      title: `${load.checks} API checks every ${load.everyMs / 1000} s for ${minutes.toFixed(1)} min, the sample API as target`,
      rows: [
        ...rowsOf('one instance', green, slots, 'none missed'),
        ...rowsOf(`one instance, ${load.readers} readers of its page`, read, slots, 'none missed'),
        {
          what: '  pages, p50 and p99',
          median: `${duration(at(readers.times, 0.5))}, ${duration(at(readers.times, 0.99))}`,
          relation: `of ${readers.times.length}, ${readers.refused} refused`,
        },
        ...rowsOf('two instances', shared, slots, 'none missed'),
        ...rowsOf('one instance, the API is stopped', outage, slots, 'all recorded'),
      ],
    }
  } finally {
    for (const monitor of monitors) await monitor.stop()
    await server.stop()
    for (const place of [server.folder, folder]) await rm(place, { recursive: true, force: true })
  }
}

interface Observation {
  /** The number of slots per state and per outcome. */
  counts: Record<string, number>
  /** The number of slots that each instance has replayed. */
  shares: number[]
  /** The number of slots with a started replay. */
  replayed: Replayed[]
  /** From the due times to the responses of the API, in milliseconds. */
  toAnswer: number[]
  /** The number of requests that cannot be assigned to a replay. */
  repeated: number
  /** The share of one processor. */
  processor: number
  /** Memory of all instances in bytes, after the first and after the last round. */
  memory: [number, number]
}

async function observe(
  monitors: readonly MonitorProcess[],
  databaseUrl: string,
  sample: SampleProcess,
  { everyMs, rounds }: Load,
): Promise<Observation> {
  const total = async (of: 'memory' | 'processorTime') =>
    (await Promise.all(monitors.map(monitor => monitor[of]()))).reduce((sum, each) => sum + each, 0)
  const pool = openPool(databaseUrl)
  try {
    // New checks are replayed at once, and earlier observations may have left replays; the measurement starts after those.
    const started = new Date()
    await until(async () => (await waiting(pool, started)) === 0)
    const from = Math.ceil((Date.now() + 500) / everyMs) * everyMs
    const to = from + rounds * everyMs
    await pause(from - Date.now())
    const before = await total('processorTime')
    await pause(everyMs - 100)
    const firstMemory = await total('memory')
    await pause(to - 100 - Date.now())
    const lastMemory = await total('memory')
    await until(async () => (await waiting(pool, new Date(to - 1))) === 0)
    const slots = await slotsBetween(pool, from, to)
    return {
      ...slots,
      ...(await answersTo(slots.replayed, sample, pool, from)),
      processor: ((await total('processorTime')) - before) / (Date.now() - from),
      memory: [firstMemory, lastMemory],
    }
  } finally {
    await pool.end()
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(200)
}

/** The number of slots that are due and not closed. */
async function waiting(pool: pg.Pool, due: Date): Promise<number> {
  const { rowCount } = await pool.query(
    `select from reprise.slots where state in ('due', 'claimed', 'running') and due <= $1`,
    [due],
  )
  return rowCount ?? 0
}

async function slotsBetween(pool: pg.Pool, from: number, to: number) {
  const range = [new Date(from), new Date(to)]
  const slots = `reprise.slots where kind = 'cron' and due >= $1 and due < $2`
  const counted = await pool.query<{ what: string; count: number }>(
    `select state as what, count(*)::int from ${slots} group by 1
      union all select coalesce(outcome, 'without'), count(*)::int from ${slots} group by 1`,
    range,
  )
  const shares = await pool.query<{ count: number }>(
    `select count(*)::int from ${slots} and instance is not null group by instance order by 1 desc`,
    range,
  )
  const { rows: replayed } = await pool.query<Replayed>(
    `select check_name as check, due, started_at as "startedAt" from reprise.replays
      where kind = 'cron' and due >= $1 and due < $2 order by due`,
    range,
  )
  return {
    counts: Object.fromEntries(counted.rows.map(({ what, count }) => [what, count])),
    shares: shares.rows.map(({ count }) => count),
    replayed,
  }
}

interface Replayed {
  check: string
  due: Date
  startedAt: Date
}

/** Assigns responses to replays by order: the first response for a check belongs to its first replay, and so on. */
async function answersTo(replayed: readonly Replayed[], { answered }: SampleProcess, pool: pg.Pool, from: number) {
  const toAnswer: number[] = []
  const waiting = new Map([...answered].map(([check, times]) => [check, times.filter(time => time >= from)]))
  const answers = [...waiting.values()].flat().length
  for (const { check, due } of replayed) {
    const time = waiting.get(check)?.shift()
    if (time !== undefined) toAnswer.push(time - due.getTime())
  }
  const { rowCount } = await pool.query('select from reprise.replays where started_at >= $1', [new Date(from)])
  return { toAnswer, repeated: Math.max(0, answers - (rowCount ?? 0)) }
}

function rowsOf(name: string, found: Observation, slots: number, target: 'none missed' | 'all recorded'): Row[] {
  const { counts, shares, replayed, toAnswer, repeated, processor, memory } = found
  const lag = (times: number[]) => `${duration(at(times, 0.5))}, ${duration(at(times, 0.99))}`
  const list = (names: string[]) => names.flatMap(name => (counts[name] ? [`${counts[name]} ${name}`] : [])).join(', ')
  const megabytes = memory.map(bytes => `${(bytes / 1e6).toFixed(0)} MB`)
  const { done = 0, missed = 0, skipped = 0 } = counts
  const toRun = replayed.map(({ due, startedAt }) => startedAt.getTime() - due.getTime())
  return [
    {
      what: `${name}: slots`,
      median: list(['done', 'missed', 'skipped', 'due', 'claimed', 'running']),
      relation: list(['passed', 'flaky', 'slow', 'failed', 'error', 'unknown']),
      target,
      missed: (target === 'none missed' ? done : done + missed + skipped) !== slots,
    },
    ...(toRun.length > 0 ? [{ what: '  from slot to start, p50 and p99', median: lag(toRun) }] : []),
    ...(toAnswer.length > 0 ? [{ what: '  from slot to answer, p50 and p99', median: lag(toAnswer) }] : []),
    ...(shares.length > 1
      ? [
          { what: '  shares', median: shares.join(' and ') },
          {
            what: '  requests without a replay',
            median: `${repeated}`,
            target: 'none',
            missed: repeated > 0,
          },
        ]
      : []),
    { what: '  processor', median: `${(processor * 100).toFixed(0)} %`, relation: 'of one' },
    { what: '  memory, first and last round', median: megabytes.join(', ') },
  ]
}

function at(times: readonly number[], share: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? Number.NaN
}
