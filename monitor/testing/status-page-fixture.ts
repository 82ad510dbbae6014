/** Playwright's `test` with a status page over HTTP, on a store of the test's own. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Router } from 'express'
import type pg from 'pg'
import { configurationOf } from '../config/configuration.ts'
import type { OwnMetrics } from '../metrics/own-metrics.ts'
import { timetable } from '../schedule/timetable.ts'
import { noOperators, type OperatorSettings } from '../status-page/access/operator-settings.ts'
import { createChangeFeed } from '../status-page/change-feed.ts'
import type { ActiveConfiguration } from '../status-page/page-context.ts'
import { createStatusPage } from '../status-page/status-page.ts'
import type { PublicByDefault } from '../status-page/visibility.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { listen } from '../store/wake.ts'
import { test as base } from './store-fixture.ts'

export interface ServedPage {
  url: string
  /** The same, as an operator sees it. */
  operatorUrl: string
  /** Can be replaced; at first there are no schedules and no maintenance. */
  inForce: ActiveConfiguration
  /** Replaces how operators are recognized. */
  admit(operators: Partial<OperatorSettings>, publicByDefault?: PublicByDefault): void
  /** Errors reported to the operator. */
  errors: Error[]
  /** All that its parts register. */
  routes: readonly RegisteredRoute[]
}

const operatorToken = 'token-of-the-operators'

export const test = base.extend<{ served: ServedPage; pool: pg.Pool; ownMetrics: OwnMetrics | undefined }>({
  ownMetrics: [undefined, { option: true }],
  served: async ({ pool, emptyDatabase, ownMetrics }, use) => {
    const none = timetable([])
    const configuration = configurationOf('/service/monitor.config.ts', { environments: {}, checks: {} })
    const inForce = {
      ...{ configuration, timetable: none, isInMaintenance: noMaintenance, maintenanceSpans: () => [] },
      environment: () => undefined,
    }
    const changes = createChangeFeed(300)
    const listening = listen(emptyDatabase.url, (kind, change) => kind === 'changes' && changes.announce(change))
    const pageOf = (operators: OperatorSettings, publicByDefault?: PublicByDefault) =>
      createStatusPage({
        ...{ pool, operators, changes, current: () => served.inForce, ...(publicByDefault && { publicByDefault }) },
        ...(ownMetrics && { metrics: ownMetrics }),
        onError: error => served.errors.push(error),
      })
    const served: ServedPage = {
      ...{ url: '', operatorUrl: '', inForce, errors: [], routes: [] },
      admit: (operators, publicByDefault) => {
        app = pageOf({ ...noOperators, ...operators }, publicByDefault)
      },
    }
    let app = pageOf(noOperators)
    const forOperators = pageOf({ ...noOperators, token: operatorToken })
    const handlers: RequestListener[] = [
      (request, response) => app(request, response),
      (request, response) => {
        request.headers.authorization = `Bearer ${operatorToken}`
        forOperators(request, response)
      },
    ]
    const servers = handlers.map(handler => createServer(handler).listen(0, '127.0.0.1'))
    await Promise.all(servers.map(server => once(server, 'listening')))
    const [url = '', operatorUrl = ''] = servers.map(server => {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    Object.assign(served, { url, operatorUrl, routes: routesOf(forOperators.router) })
    await use(served)
    changes.close()
    await listening.stop()
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
    none.close()
  },
})

interface RegisteredRoute {
  method: string
  /** With `:name` for a parameter. */
  path: string
}

function routesOf({ stack }: Router): RegisteredRoute[] {
  return stack.flatMap(({ route, handle }) => {
    // A router of its own.
    if (!route) return 'stack' in handle ? routesOf(handle as unknown as Router) : []
    const methods = route.stack.map(({ method }) => method).filter(Boolean)
    return [route.path].flat().flatMap(path => methods.map(method => ({ method, path })))
  })
}
