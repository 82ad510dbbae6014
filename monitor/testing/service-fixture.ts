/** Playwright's `test` with monitors in their own processes, which share a database. */
import { mergeTests } from '@playwright/test'
import type pg from 'pg'
import { test as withServer } from '../../postgres/testing/server-fixture.ts'
import { type NestedMonitor, test as withProject } from '../../testing/nested-monitor/nested-monitor.ts'
import type { StartedCommand } from '../../testing/nested-monitor/started-command.ts'
import { openPool } from '../store/pool.ts'
import { requestReplay } from '../store/slots.ts'
import { inTransaction } from '../store/transaction.ts'

export interface StartedMonitor extends StartedCommand {
  /**
   * Resolves with the line of stdout or stderr that contains the text, and was written after the line of the last call.
   */
  says(text: string | RegExp): Promise<string>
  /** Of its status page. */
  readonly url: string
}

interface ServiceFixtures {
  /** Of the monitors' database. */
  store: pg.Pool
  /** Starts a monitor, and waits until it runs. */
  startMonitor(project: NestedMonitor, env?: NodeJS.ProcessEnv, args?: readonly string[]): Promise<StartedMonitor>
  /** Has checks replayed now, in one run: instead of a schedule that replays, at the cost of a Playwright, more often than a test needs. */
  replayNow(...checks: string[]): Promise<void>
}

export const test = mergeTests(withServer, withProject).extend<ServiceFixtures>({
  store: async ({ emptyDatabase }, use) => {
    const pool = openPool(emptyDatabase.url)
    await use(pool)
    await pool.end()
  },
  replayNow: async ({ store }, use) =>
    use(async (...checks) => {
      const now = new Date()
      await inTransaction(store, async client => {
        for (const check of checks) await requestReplay(client, check, now)
      })
    }),
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
    // Before the database is removed.
    for (const { process, result } of started) {
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
      await result
    }
  },
})

function listenTo({ process, result }: StartedCommand): StartedMonitor['says'] {
  let [unread, ended] = ['', false]
  let hear = (): unknown => undefined
  for (const stream of [process.stdout, process.stderr]) {
    stream?.setEncoding('utf8').on('data', text => {
      unread += text
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
        const match = typeof text === 'string' ? unread.indexOf(text) : unread.search(text)
        const end = unread.indexOf('\n', match)
        if (match >= 0 && end >= 0) {
          resolve(unread.slice(match, end))
          unread = unread.slice(end)
        } else if (ended) reject(new Error(`The process ended without ${text} in its output:\n${unread}`))
      }
      hear()
    })
}
