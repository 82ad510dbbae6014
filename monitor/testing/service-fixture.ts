/** Playwright's `test` with monitors in processes of their own, on a database that they share, for tests about what they do. */
import { mergeTests } from '@playwright/test'
import type pg from 'pg'
import { test as withServer } from '../../postgres/testing/server-fixture.ts'
import { type NestedMonitor, test as withProject } from '../../testing/nested-monitor/nested-monitor.ts'
import type { StartedCommand } from '../../testing/nested-monitor/started-command.ts'
import { openPool } from '../store/pool.ts'

export interface StartedMonitor extends StartedCommand {
  /** Resolves with the line when it has said this, on stdout or stderr, since the last time it was asked. */
  says(text: string | RegExp): Promise<string>
  /** Of its status page. */
  readonly url: string
}

interface ServiceFixtures {
  /** Of the monitors' database. */
  store: pg.Pool
  /** Starts one, and waits until it runs. */
  startMonitor(project: NestedMonitor, env?: NodeJS.ProcessEnv, args?: readonly string[]): Promise<StartedMonitor>
}

export const test = mergeTests(withServer, withProject).extend<ServiceFixtures>({
  store: async ({ emptyDatabase }, use) => {
    const pool = openPool(emptyDatabase.url)
    await use(pool)
    await pool.end()
  },
  startMonitor: async ({ emptyDatabase }, use) => {
    const started: StartedCommand[] = []
    await use(async (project, env = {}, args = []) => {
      const url = { REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }
      const command = project.start(['start', ...args], { ...url, ...env })
      started.push(command)
      const says = listenTo(command)
      await says('The monitor runs')
      return { ...command, says, url: (await says(/status page +http/)).replace(/.* /, '') }
    })
    // Before the database goes.
    for (const { process, result } of started) {
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
      await result
    }
  },
})

function listenTo({ process, result }: StartedCommand): StartedMonitor['says'] {
  let [unheard, ended] = ['', false]
  let hear = (): unknown => undefined
  for (const stream of [process.stdout, process.stderr]) {
    stream?.setEncoding('utf8').on('data', text => {
      unheard += text
      hear()
    })
  }
  void result.then(() => {
    ended = true
    hear()
  })
  return text =>
    new Promise((resolve, reject) => {
      hear = () => {
        const match = typeof text === 'string' ? unheard.indexOf(text) : unheard.search(text)
        const end = unheard.indexOf('\n', match)
        if (match >= 0 && end >= 0) {
          resolve(unheard.slice(match, end))
          unheard = unheard.slice(end)
        } else if (ended) reject(new Error(`It ended without saying ${text}, but said:\n${unheard}`))
      }
      hear()
    })
}
