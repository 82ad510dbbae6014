/** Playwright's `test` with a status page over HTTP, on a store of the test's own. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type pg from 'pg'
import { configurationOf } from '../config/configuration.ts'
import { timetable } from '../schedule/timetable.ts'
import { createChangeFeed } from '../status-page/change-feed.ts'
import type { ActiveConfiguration } from '../status-page/page-context.ts'
import { createStatusPage } from '../status-page/status-page.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { listen } from '../store/wake.ts'
import { test as base } from './store-fixture.ts'

export interface ServedPage {
  url: string
  /** Can be replaced; at first there are no schedules and no maintenance. */
  inForce: ActiveConfiguration
  /** Errors reported to the operator. */
  errors: Error[]
}

export const test = base.extend<{ served: ServedPage; pool: pg.Pool }>({
  served: async ({ pool, emptyDatabase }, use) => {
    const none = timetable([])
    const configuration = configurationOf('/service/monitor.config.ts', { environments: {}, checks: {} })
    const inForce = { configuration, timetable: none, isInMaintenance: noMaintenance, maintenanceSpans: () => [] }
    const served: ServedPage = { url: '', inForce, errors: [] }
    const changes = createChangeFeed()
    const listening = listen(emptyDatabase.url, kind => kind === 'changes' && changes.announce())
    const app = createStatusPage({
      pool,
      current: () => served.inForce,
      changes,
      onError: error => served.errors.push(error),
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await use(served)
    changes.close()
    await listening.stop()
    server.close()
    server.closeAllConnections()
    none.close()
  },
})
