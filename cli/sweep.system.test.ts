import { once } from 'node:events'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { isInUse, readLedgerFile } from '../environment/ledger/file.ts'
import { secret } from '../environment/secrets/secret.ts'
import { type LedgerFiles, test } from '../fixtures/testing/deployed-run.ts'
import type { Fault } from '../fixtures/testing/service.ts'
import type { NestedRun } from '../testing/nested-run/nested-run.ts'
import { soak } from '../testing/soak.ts'
import { callCommand } from './testing/called-command.ts'

const creators = 5
const runs = soak({ long: 10, short: 3 })
const env = { SMOKE_TOKEN: 'canary-4711' }
const rule = { create: 'POST /orders', remove: 'DELETE /orders/{body.id}', find: 'GET /orders?ref={request.ref}' }
const target = { name: 'production', writes: 'cleaned' as const, headers: { authorization: secret('SMOKE_TOKEN') } }

/** Each creator creates, and sometimes removes, until it is killed at a random point. */
const spec = `
  test('creates without end', async ({ request, unique }) => {
    const create = async () => {
      for (;;) {
        const response = await request.post('/orders?key=canary-4711', { data: { ref: unique.name('Order') }, timeout: 1500 })
        if (Math.random() < 0.3) await request.delete(response.headers().location)
      }
    }
    await Promise.all(Array.from({ length: ${creators} }, create))
  })`

test(`killed at ${creators * runs} random points, a run leaves nothing behind after a sweep`, {
  tag: '@soak',
}, async ({ startService, startDeployed, ledger }) => {
  const moment = new Moment(ledger)
  const against = await startService(moment.fault)
  against.rows.set('other', { id: 'other', ref: 'of others' })
  for (let n = 0; n < runs; n++) {
    const run = await startDeployed(spec, { ...target, cleanup: [rule] }, { against, env })
    await moment.of(run, creators + Math.floor(Math.random() * 60))
  }
  expect(against.created.length).toBeGreaterThan(runs)
  expect(await ledger.files()).not.toEqual([])
  for (const text of await ledger.texts()) expect(text).not.toContain(env.SMOKE_TOKEN)

  const swept = await sweep(ledger.folder)
  expect(swept).toMatchObject({ code: 0, complained: '' })
  expect([...against.rows.keys()]).toEqual(['other'])
  expect(await ledger.files()).toEqual([])
  for (const { method, headers } of against.seen) {
    if (method === 'DELETE')
      expect(headers).toMatchObject({ authorization: env.SMOKE_TOKEN, 'x-reprise-replay': expect.any(String) })
  }
})

test('without a rule with find, a sweep reports what may be left', async ({ startService, startDeployed, ledger }) => {
  const moment = new Moment(ledger)
  const against = await startService(moment.fault)
  const run = await startDeployed(spec, target, { against, env })
  await moment.of(run, creators + 20, 'created')

  const swept = await sweep(ledger.folder)
  expect(swept.code).toBe(1)
  const named =
    swept.complained.match(
      /^Possible leak in production: POST http\S+\/orders\?key=\S+, sent at \S+ by replay \S+: (its response did not arrive|it was never found)/gm,
    ) ?? []
  expect(against.rows.size).toBeGreaterThan(0)
  expect(named.length).toBeGreaterThanOrEqual(against.rows.size)
  expect(swept.printed).toContain(`${named.length} possible leaks.`)
  expect(swept.complained).not.toContain(env.SMOKE_TOKEN)
  // They stay until they are removed manually.
  expect(await sweep(ledger.folder)).toMatchObject({ code: 1 })
})

test('a running run is left alone', async ({ startService, startDeployed, ledger }) => {
  const moment = new Moment(ledger)
  const against = await startService(moment.fault)
  const run = await startDeployed(spec, { ...target, cleanup: [rule] }, { against, env })
  await moment.reached(5)
  expect(await sweep(ledger.folder)).toMatchObject({
    code: 0,
    printed: '0 removed, 0 never created, 0 possible leaks.',
  })
  expect(against.seen.every(({ url }) => !url.includes('?ref='))).toBe(true)
  await moment.of(run, 6)
  expect(await sweep(ledger.folder)).toMatchObject({ code: 0 })
  expect(against.rows.size).toBe(0)
})

test('cleanup() survives a crash, and only the owner can read its file', async ({ service, startDeployed, ledger }) => {
  service.rows.set('7', { id: '7' })
  await noteAndDie(startDeployed, ledger, ['7'])
  const [file = ''] = await ledger.files()
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await sweep(ledger.folder)).toMatchObject({
    code: 0,
    printed: '1 removed, 0 never created, 0 possible leaks.',
  })
  expect([...service.rows]).toEqual([])
})

test('two concurrent sweeps remove everything, and report no leak', async ({ service, startDeployed, ledger }) => {
  const ids = Array.from({ length: 20 }, (_, id) => `${id}`)
  for (const id of ids) service.rows.set(id, { id })
  await noteAndDie(startDeployed, ledger, ids)
  const swept = await Promise.all([sweep(ledger.folder), sweep(ledger.folder)])
  expect(swept.map(({ code, complained }) => ({ code, complained }))).toEqual(
    Array.from({ length: 2 }, () => ({ code: 0, complained: '' })),
  )
  expect([...service.rows]).toEqual([])
  expect(await ledger.files()).toEqual([])
})

test('an incomplete line is ignored, and an unreadable file is reported', async ({ service }, info) => {
  const folder = info.outputPath('ledger')
  await mkdir(folder, { recursive: true })
  const head = {
    entry: 'ledger',
    version: 2,
    pid: 1,
    started: 'never',
    environment: 'production',
    settings: { baseURL: service.url },
  }
  const intent = {
    id: 'a',
    at: new Date(0).toISOString(),
    environment: 'production',
    replay: 'r',
    method: 'POST',
    url: `${service.url}/orders`,
    token: 't',
    timeoutMs: 1,
  }
  const lines = [
    head,
    { entry: 'intent', intent },
    { entry: 'created', id: 'a', things: [{ remove: [{ send: `DELETE ${service.url}/orders/7` }] }] },
  ]
  service.rows.set('7', { id: '7' })
  await writeFile(
    path.join(folder, '1-torn.jsonl'),
    `${lines.map(line => JSON.stringify(line)).join('\n')}\n{"entry":"int`,
  )
  await writeFile(path.join(folder, '2-garbage.jsonl'), '\u0000garbage\n')
  await writeFile(path.join(folder, '3-newer.jsonl'), `${JSON.stringify({ ...head, version: 3 })}\n`)
  const swept = await sweep(folder)
  expect(swept).toMatchObject({ code: 1, printed: '1 removed, 0 never created, 2 possible leaks.' })
  expect(swept.complained).toContain('2-garbage.jsonl: Line 1 of ')
  expect(swept.complained).toContain('3-newer.jsonl is not a ledger of version 2')
  expect(await readFile(path.join(folder, '2-garbage.jsonl'), 'utf8')).toContain('garbage')
})

test('a missing folder is an error, not an empty ledger', async ({}, info) => {
  const folder = info.outputPath('nowhere')
  expect(await sweep(folder)).toMatchObject({
    code: 2,
    complained: expect.stringContaining(`there is no folder ${folder}`),
  })
})

test('an unknown environment is an error, not a clean one', async ({}, info) => {
  const folder = info.outputPath('project')
  const ledger = path.join(folder, '.reprise/ledger')
  await mkdir(ledger, { recursive: true })
  const sweepOf = (name: string) => sweepIn(folder, '--env', name)
  const clean = { code: 0, printed: '0 removed, 0 never created, 0 possible leaks.' }
  expect(await sweepOf('prod')).toMatchObject(clean)
  const settings = { baseURL: 'http://127.0.0.1:1' }
  const head = { entry: 'ledger', version: 2, pid: 1, started: 'never', environment: 'staging', settings }
  const file = path.join(ledger, '1.jsonl')
  await writeFile(file, `${JSON.stringify(head)}\n`)
  expect(await sweepOf('prod')).toEqual({
    code: 2,
    printed: '',
    complained: '--env is "prod": there is no such environment; there is staging',
  })
  await writeFile(
    path.join(folder, 'monitor.config.mjs'),
    `export default { environments: { production: { baseURL: 'http://127.0.0.1:1' } }, checks: {} }`,
  )
  expect(await sweepOf('prod')).toMatchObject({
    code: 2,
    complained: expect.stringMatching(/there are production, staging$/),
  })
  expect(await sweepOf('production')).toMatchObject(clean)
  expect(await sweepOf('staging')).toMatchObject(clean)
})

/** Kills a run before a row is created, after that, or after the response. */
class Moment {
  readonly #ledger: LedgerFiles
  #count = 0
  #due = Number.POSITIVE_INFINITY
  #stage: 'arrived' | 'created' | 'answered' = 'arrived'
  #reach: () => void = () => undefined

  constructor(ledger: LedgerFiles) {
    this.#ledger = ledger
  }

  readonly fault: Fault = (request, response, create) => {
    if (request.method !== 'POST') return false
    this.#count++
    const isDue = this.#count === this.#due
    if (isDue && this.#stage === 'answered') response.once('close', () => this.#reach())
    else if (isDue) setImmediate(() => this.#reach())
    if (!isDue || this.#stage === 'answered') return false
    if (this.#stage === 'created') create()
    return true
  }

  /** Resolves when this many rows have reached the stage. */
  async reached(count: number, stage: 'arrived' | 'created' | 'answered' = 'answered'): Promise<void> {
    this.#count = 0
    this.#due = count
    this.#stage = stage
    await new Promise<void>(resolve => {
      this.#reach = resolve
    })
  }

  /** Kills the run at that point. */
  async of(run: NestedRun, count: number, stage = any(['arrived', 'created', 'answered'] as const)): Promise<void> {
    await this.reached(count, stage)
    await kill(run, this.#ledger)
  }
}

async function kill({ process: child }: NestedRun, ledger: LedgerFiles): Promise<void> {
  const ended = once(child, 'close')
  process.kill(-Number(child.pid), 'SIGKILL')
  await ended
  // A worker that writes to the disk exits after that.
  for (const file of await ledger.files()) await expect.poll(() => isInUse(readLedgerFile(file))).toBe(false)
}

function any<T>(things: readonly [T, ...T[]]): T {
  return things[Math.floor(Math.random() * things.length)] ?? things[0]
}

/** Starts a run that would remove these orders, and kills it before. */
async function noteAndDie(
  startDeployed: (spec: string, own: typeof target, more: { env: typeof env }) => Promise<NestedRun>,
  ledger: LedgerFiles,
  ids: readonly string[],
): Promise<void> {
  const run = await startDeployed(
    `test('is killed', async ({ cleanup }) => {
      for (const id of ${JSON.stringify(ids)}) await cleanup('DELETE /orders/' + id)
      console.log('NOTED ')
      await new Promise(() => {})
    })`,
    target,
    { env },
  )
  await run.says('NOTED')
  await kill(run, ledger)
}

const sweep = (ledger: string) => sweepIn(import.meta.dirname, '--ledger', ledger)

async function sweepIn(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await callCommand(['sweep', ...args], { env, folder })
  return { code, printed: stdout.trimEnd(), complained: stderr.trimEnd() }
}
