/** Executes the commands of heartbeats.md against a monitor, whose watchdog is watched as well. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { secret } from '../environment/secrets/secret.ts'
import { test } from '../monitor/testing/service-fixture.ts'
import { startCommand } from '../testing/nested-monitor/started-command.ts'
import { root } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'
import { startShell } from './readme/shell.ts'

const page = readFileSync(path.join(root, 'docs/heartbeats.md'), 'utf8')
const [curl = '', crontab = '', command = '', ...more] = blocksOf(page)
  .filter(({ language }) => language === 'sh')
  .map(({ text }) => text)
const token = 'token-of-the-backup-0123'

test('its commands report to a monitor, which requests its watchdog', async ({ serve, project, startMonitor }) => {
  expect(more).toEqual([])
  let watched: (method?: string) => void = () => undefined
  const requested = new Promise<string | undefined>(resolve => {
    watched = resolve
  })
  const receiver = await serve((request, response) => {
    watched(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.end()
  })
  const settings = {
    heartbeats: { backup: { every: '1h', grace: '10m', token: secret('BACKUP_TOKEN') } },
    watchdog: { url: `${receiver}/ping`, every: '10s', token: secret('BACKUP_TOKEN') },
  }
  const nested = await project('http://127.0.0.1:9', { settings, checks: {}, files: {} })
  const monitor = await startMonitor(nested, { BACKUP_TOKEN: token })
  const replay = async () => {
    const { replays } = await (await fetch(new URL('/api/checks/backup/replays', monitor.url))).json()
    return replays[0]
  }
  const run = (line: string, job: string) => {
    const here = line.replaceAll('https://status.example.com', monitor.url.replace(/\/$/, ''))
    return startShell(here.replace('/usr/local/bin/backup', job), {
      cwd: root,
      env: { BACKUP_TOKEN: token, REPRISE_URL: '' },
    }).result()
  }
  expect(await run(curl, '')).toMatchObject({ code: 0, output: 'OK\n' })
  await monitor.says('backup is up')
  expect(await run(crontab.replace('0 3 * * * ', ''), 'sh -c "echo no space left >&2; exit 3"')).toMatchObject({
    code: 0,
    output: 'OK\n',
  })
  await monitor.says('The job ended with exit code 3: no space left')
  expect(await replay()).toMatchObject({ outcome: 'failed', durationMs: null })
  // The bin of the repository, in place of that of the package.
  const program = 'node -e "console.log(process.env.REPRISE_HEARTBEAT_TOKEN)"'
  expect(await run(command, program)).toMatchObject({ code: 0, output: expect.stringContaining('undefined') })
  await monitor.says('backup is up')
  expect(await replay()).toMatchObject({ outcome: 'passed', durationMs: expect.any(Number) })
  // Its exit code is that of the job, also where no monitor answers and after a signal.
  const args = ['monitor', 'heartbeat', 'none', '--url', monitor.url, '--', 'sh', '-c', 'echo "$0" --help; kill -9 $$']
  const unknown = await startCommand(args, { env: { REPRISE_HEARTBEAT_TOKEN: token } }).result
  expect(unknown).toMatchObject({ code: 137, stdout: 'sh --help\n' })
  expect(unknown.stderr).toContain('Heartbeat none was not reported: the monitor answered 401.')
  expect(await requested).toBe(`POST /ping Bearer ${token}`)
  monitor.process.kill('SIGTERM')
  expect(await monitor.result).toMatchObject({ code: 0, stderr: '' })
})
