import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { makePrivateFolder } from '../../environment/reprise-folder.ts'
import { openSpool } from '../store/spool.ts'
import { test } from '../testing/service-fixture.ts'

const users = {
  environment: { writes: 'cleaned', headers: { authorization: 'Bearer ${secret:' + 'CANARY}' } },
  defaults: { confirm: { down: 1 } },
  checks: { users: { specs: 'a.spec.ts', cron: '* * * * *' } },
  files: {
    'a.spec.ts': `test('creates', async ({ request }, info) => {
      await info.attach('log', { path: info.config.configFile })
      await request.post('/orders')
      expect(1).toBe(2)
    })`,
  },
  playwright: { use: { trace: 'on' } },
}
const env = { CANARY: 'canary-4711', REPRISE_MONITOR_DATABASE_URL: '' }
/** The umask of a user's shell; the most permissive one is the hardest case. */
const openly = ['sh', '-c', 'umask 0; exec "$@"', 'sh']

for (const before of ['nothing', 'a folder of an earlier version'] as const) {
  test(`whichever command writes first, only the owner can read .reprise, after ${before}`, async ({
    serve,
    project,
    startMonitor,
  }) => {
    const base = await serve((request, response) => request.resume().once('end', () => response.writeHead(500).end()))
    const nested = await project(base, users)
    const folder = path.join(nested.folder, '.reprise')
    if (before !== 'nothing') {
      for (const name of ['', 'monitor', 'ledger', 'runs']) {
        await mkdir(path.join(folder, name))
        await chmod(path.join(folder, name), 0o777)
      }
    }
    // An intent that may have created something stays in the ledger.
    expect((await nested.start(['run'], env, openly).result).code).toBe(1)
    const start = async () => {
      const monitor = await startMonitor(nested, env)
      await monitor.says('users is down')
      monitor.process.kill('SIGTERM')
      const { code, stdout } = await monitor.result
      expect(code).toBe(0)
      return /database +(.*)/.exec(stdout)?.[1]
    }
    const database = await start()
    await openSpool(path.join(folder, 'monitor/results')).keep({
      check: 'users',
      due: new Date(),
      location: 'local',
      kind: 'cron',
      replay: '00000000-0000-4000-8000-000000000000',
      outcome: 'passed',
      endedAt: new Date(),
    })

    const modes = await modesIn(folder)
    for (const name of ['ledger/*.jsonl', 'runs/*/index.html', 'runs/*/data/*.zip', 'runs/*/outcomes.json']) {
      expect(Object.keys(modes)).toContain(name)
    }
    // If started by root, Postgres runs as another user, who has to reach its data.
    const entered = process.getuid?.() === 0 ? { '': 0o711, monitor: 0o711 } : {}
    const expected = Object.fromEntries(
      Object.entries(modes).map(([name, { isFolder }]) => [name, isFolder ? (Object(entered)[name] ?? 0o700) : 0o600]),
    )
    expect(Object.fromEntries(Object.entries(modes).map(([name, { mode }]) => [name, mode]))).toEqual(expected)
    // The data stay in place, unless root starts it in a checkout that other users cannot enter.
    const isElsewhere = process.getuid?.() === 0 && !(await isOpen(nested.folder))
    expect(database).toMatch(isElsewhere ? /^\/var\/lib\/reprise\// : `${folder}/monitor/postgres`)
    expect((await readdir(path.join(folder, 'monitor'))).sort()).toEqual([
      ...(isElsewhere ? [] : ['postgres']),
      'results',
    ])
  })
}

test('a folder that was closed to others stays closed, so that data kept elsewhere are found', async ({ project }) => {
  const nested = await project('http://127.0.0.1:9', users)
  const folder = path.join(nested.folder, '.reprise')
  await mkdir(folder, { mode: 0o700 })
  makePrivateFolder(path.join(folder, 'monitor/results'))
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

/** Returns whether other users can enter a folder. */
async function isOpen(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  const parent = path.dirname(folder)
  return parent === folder || isOpen(parent)
}

/** By path, with a star for what differs between runs. */
async function modesIn(folder: string): Promise<Record<string, { mode: number; isFolder: boolean }>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  // Postgres sets the permissions inside its data folder, which others cannot enter.
  const paths = entries
    .map(entry => path.join(entry.parentPath, entry.name))
    .filter(file => !/postgres\/data\/./.test(path.relative(folder, file)))
  const modes: Record<string, { mode: number; isFolder: boolean }> = {}
  for (const file of [folder, ...paths]) {
    const name = path
      .relative(folder, file)
      .replace(/^(runs\/)[^/]+/, '$1*')
      .replace(/[^/]+(\.jsonl|\.zip)$/, '*$1')
    const found = await stat(file)
    const isFolder = found.isDirectory()
    modes[name] = { mode: (found.mode & 0o777) | (modes[name]?.mode ?? 0), isFolder }
  }
  return modes
}
