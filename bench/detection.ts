/** Measures the time from the first failing request of an outage until alerts have named all checks that are down. */
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { openPool } from '../monitor/store/pool.ts'
import { withClient } from '../postgres/connection.ts'
import { startPersistentServer } from '../postgres/persistent/persistent-server.ts'
import { benchFolder, writeChecksProject } from './checks-project.ts'
import { median } from './median.ts'
import { startMonitorProcess } from './monitor-process.ts'
import { duration, type Row, type Section } from './table.ts'

type Outage = 'refuses' | 'resets' | 'hangs' | 'answers 500' | 'does not resolve' | 'hangs but for its base URL'
const outages: Outage[] = [
  'refuses',
  'resets',
  'hangs',
  'answers 500',
  'does not resolve',
  'hangs but for its base URL',
]

/** The default settings of a check, and shorter ones. Times are in seconds; the second consecutive failure confirms. */
const plans: Record<'long' | 'short', Plan> = {
  long: { outages, counts: [1, 20, 200], timeout: 30, every: 20, cron: '* * * * *', rounds: 3, most: 1200 },
  short: {
    outages: ['refuses'],
    counts: [10],
    timeout: 2,
    every: 2,
    cron: '*/5 * * * * *',
    rounds: 1,
    most: 300,
  },
}

interface Plan {
  outages: readonly Outage[]
  /** Of checks. */
  counts: readonly number[]
  timeout: number
  every: number
  cron: string
  rounds: number
  /** After so long a condition counts as never met. */
  most: number
}

/** The rows to measure; by default all. */
export interface DetectionChoice {
  outage?: string[]
  checks?: string[]
  rounds?: string
}

export async function measureDetection(short: boolean, choice: DetectionChoice = {}): Promise<Section> {
  const plan = chosen(short ? plans.short : plans.long, choice)
  const { timeout, every, rounds } = plan
  const rows: Row[] = []
  for (const outage of plan.outages) {
    for (const checks of plan.counts) {
      const found: Detection[] = []
      for (let round = 0; round < rounds; round++) found.push(await detect(outage, checks, plan))
      const [first, all] = [median(found.map(({ first }) => first)), median(found.map(({ all }) => all))]
      const most = outage === 'refuses' ? every + 15 : 2 * timeout + every + 10
      rows.push({
        what: `${checks} check${checks === 1 ? '' : 's'}, the service ${outage}`,
        median: duration(all),
        relation: `the first message after ${duration(first)} names ${median(found.map(({ named }) => named))}`,
        // While the base URL answers, each test takes its own timeout, and waits for those that hang before it.
        ...((outage !== 'hangs but for its base URL' || checks === 1) && {
          target: `at most ${most} s`,
          missed: all > most * 1000,
        }),
      })
    }
  }
  return {
    title: `From the first failing request of an outage until alerts name all checks (timeout ${timeout} s, confirmed after ${every} s)`,
    rows,
  }
}

function chosen(plan: Plan, { outage, checks, rounds }: DetectionChoice): Plan {
  const kinds = plan.outages.filter(kind => outage?.includes(kind) ?? true)
  if (kinds.length === 0) throw new Error(`--outage is ${outage?.join(', ')}; choose of ${plan.outages.join(', ')}.`)
  const counts = [...(checks?.map(Number) ?? plan.counts), rounds === undefined ? plan.rounds : Number(rounds)]
  if (!counts.every(count => Number.isInteger(count) && count > 0)) {
    throw new Error(`--checks and --rounds are ${counts.join(', ')}; each is a number from 1 on.`)
  }
  return { ...plan, outages: kinds, counts: counts.slice(0, -1), rounds: counts.at(-1) ?? 1 }
}

/** Times in milliseconds, from the start of the first replay in the outage that did not pass. */
interface Detection {
  /** Until the first message, and the number of checks that it names. */
  first: number
  named: number
  /** Until messages have named every check. */
  all: number
}

async function detect(outage: Outage, checks: number, { timeout, every, cron, most }: Plan): Promise<Detection> {
  const folder = benchFolder()
  const server = await startPersistentServer(path.join(folder, 'server'))
  const service = await breakableService()
  const receiver = await receivingDesk()
  const ends: (() => Promise<unknown>)[] = [service.close, receiver.close, server.stop]
  try {
    await withClient(server.url, client => client.query('create database monitor'))
    const databaseUrl = new URL('/monitor', server.url).href
    const project = path.join(folder, 'project')
    const resolver = await breakableResolver(folder)
    const baseURL = outage === 'does not resolve' ? resolver.urlOf(service.url) : service.url
    const defaults = { timeout: `${timeout}s`, confirm: { down: 2, up: 1, every: `${every}s` } }
    await writeChecksProject(project, {
      baseURL,
      checks,
      perFile: 10,
      cron,
      request: "'/' + title",
      defaults,
      channel: receiver.url,
    })
    const monitor = await startMonitorProcess(project, databaseUrl, resolver.env)
    ends.unshift(monitor.stop)
    const pool = openPool(databaseUrl)
    ends.unshift(() => pool.end())
    // No failure is presumed of a check that has had no result.
    await until(async () => (await count(pool, `reprise.checks where state = 'up'`)) === checks, most)
    const brokenAt = new Date()
    await (outage === 'does not resolve' ? resolver.breakDown() : service.breakDown(outage))
    await until(async () => receiver.named().size === checks, most)
    // Replays that find nothing out about an outage delay its alerts, too.
    const begun = await pool.query(
      `select min(started_at) as begin from reprise.replays where outcome in ('failed', 'error', 'unknown') and ended_at >= $1`,
      [brokenAt],
    )
    const begin = begun.rows[0].begin.getTime()
    const [first] = receiver.messages
    return {
      first: (first?.at ?? 0) - begin,
      named: first?.down.length ?? 0,
      all: (receiver.messages.at(-1)?.at ?? 0) - begin,
    }
  } finally {
    for (const end of ends) await end()
    for (const place of [server.folder, folder]) await rm(place, { recursive: true, force: true })
  }
}

/** Gives the service a name that the monitor and its specs resolve, until it breaks down: then the system does not know it. */
async function breakableResolver(folder: string) {
  const [name, hosts, preload] = ['service.invalid', path.join(folder, 'hosts'), path.join(folder, 'resolver.cjs')]
  await writeFile(hosts, name)
  await writeFile(
    preload,
    `const dns = require('node:dns')
    const { existsSync } = require('node:fs')
    const known = name => (name === '${name}' && existsSync(${JSON.stringify(hosts)}) ? '127.0.0.1' : name)
    for (const resolver of [dns, dns.promises]) {
      const { lookup } = resolver
      resolver.lookup = (name, ...rest) => lookup(known(name), ...rest)
    }
    require('node:module').syncBuiltinESMExports()`,
  )
  return {
    env: { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(preload)}` },
    urlOf: (url: string) => url.replace('127.0.0.1', name),
    breakDown: () => rm(hosts),
  }
}

async function breakableService() {
  let outage: Outage | undefined
  const service = createServer((request, response) => {
    const isBase = request.url === '/'
    if (outage === 'resets') request.socket.resetAndDestroy()
    else if (outage === 'answers 500') response.writeHead(500).end()
    else if (outage === undefined || (outage === 'hangs but for its base URL' && isBase)) response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  return {
    url: urlOf(service),
    breakDown: async (how: Outage) => {
      outage = how
      if (how === 'refuses') await close(service)
    },
    close: () => close(service),
  }
}

async function receivingDesk() {
  const messages: { at: number; down: string[] }[] = []
  const desk = createServer(async (request, response) => {
    const { checks = [] } = Object(await json(request))
    const down = checks.flatMap(({ name, state }: { name: string; state: string }) => (state === 'down' ? name : []))
    if (down.length > 0) messages.push({ at: Date.now(), down })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(desk, 'listening')
  return {
    url: urlOf(desk),
    messages,
    named: () => new Set(messages.flatMap(({ down }) => down)),
    close: () => close(desk),
  }
}

const urlOf = (server: Server) => `http://127.0.0.1:${Object(server.address()).port}`

async function close(server: Server): Promise<void> {
  const closed = new Promise(resolve => server.close(resolve))
  server.closeAllConnections()
  await closed
}

async function count(pool: pg.Pool, from: string): Promise<number> {
  return (await pool.query(`select from ${from}`)).rowCount ?? 0
}

async function until(condition: () => Promise<boolean>, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await condition()); await pause(100)) {
    if (Date.now() > end) throw new Error(`The condition did not hold within ${seconds} s: ${condition}`)
  }
}
