/** Playwright's `test` with a status page and a listener for reports, for an operator, on a store and a folder of the test's own. */
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import express from 'express'
import { projectFolder, writeFiles } from '../../testing/project-folder.ts'
import { type Configuration, configurationOf } from '../config/configuration.ts'
import type { EvidencePlace } from '../config/evidence-stores.ts'
import { type KeptEvidence, openEvidence } from '../evidence/evidence.ts'
import { openReportListener } from '../reports/report-listener.ts'
import { type Reports, type ReportsOptions, serveReports } from '../reports/reports.ts'
import { timetable } from '../schedule/timetable.ts'
import { noOperators } from '../status-page/access/operator-settings.ts'
import { createChangeFeed } from '../status-page/change-feed.ts'
import type { ServerLimits } from '../status-page/limited-server.ts'
import { createStatusPage } from '../status-page/status-page.ts'
import type { Viewer } from '../status-page/viewer.ts'
import { noMaintenance } from '../store/check-rules.ts'
import { test as base } from './store-fixture.ts'

export interface ServedReports {
  /** Of the status page. */
  url: string
  /** Of the listener of reports; its host is an address. */
  reportsUrl: string
  evidence: KeptEvidence
  desk: Reports['desk']
  viewer: Viewer
  errors: Error[]
}

export interface ServeOptions {
  folder: string
  store?: EvidencePlace
  retention?: { evidence?: `${number}d`; evidenceBytes?: number }
  env?: NodeJS.ProcessEnv
  /** Of this port. */
  publicUrl?: (port: number) => string
  host?: string
  limits?: ReportsOptions['limits']
  /** Of the listener. */
  serverLimits?: ServerLimits
}

export const test = base.extend<{
  /** Like a project's, empty. */
  folder: string
  serveReports: (options: ServeOptions) => Promise<ServedReports>
}>({
  folder: async ({}, use) => {
    const folder = projectFolder()
    await mkdir(folder, { recursive: true })
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  serveReports: async ({ pool }, use) => {
    const closing: (() => unknown)[] = []
    await use(async ({ folder, store, retention, env = {}, publicUrl, host = '127.0.0.1', limits, serverLimits }) => {
      const configuration = configurationFor(folder, { ...(store && { store }), ...(retention && { retention }) })
      const served: ServedReports = {
        ...{ url: '', reportsUrl: '', viewer: { kind: 'operator', name: 'ada' }, errors: [] },
        evidence: openEvidence({ pool, env, configuration: () => configuration }),
        desk: { open: async () => ({ kind: 'busy' }), download: async () => undefined },
      }
      const onError = (error: Error) => served.errors.push(error)
      const listener = await openReportListener({ host, port: 0 }, serverLimits)
      const settings = { host, port: 0, publicUrl: publicUrl?.(listener.port) }
      const { evidence } = served
      const allowedHosts = ['status.example.com']
      const reports = await serveReports({
        pool,
        evidence,
        listener,
        settings,
        allowedHosts,
        folder,
        onError,
        ...(limits && { limits }),
      })
      served.desk = reports.desk
      const none = timetable([])
      const inForce = {
        ...{ configuration, timetable: none, isInMaintenance: noMaintenance, maintenanceSpans: () => [] },
        environment: () => undefined,
      }
      const token = 'token-of-the-operators'
      const app = express()
      app.use((request, _response, next) => {
        if (served.viewer.kind === 'operator') request.headers.authorization = `Bearer ${token}`
        next()
      })
      const changes = createChangeFeed()
      const operators = { ...noOperators, token }
      app.use(
        createStatusPage({
          pool,
          current: () => inForce,
          changes,
          reports: reports.desk,
          operators,
          allowedHosts,
          onError,
        }),
      )
      const server = createServer(app).listen(0, '127.0.0.1')
      await once(server, 'listening')
      closing.push(async () => {
        server.closeAllConnections()
        server.close()
        none.close()
        reports.close()
        changes.close()
        evidence.close()
        await listener.close()
      })
      served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      served.reportsUrl = `http://127.0.0.1:${listener.port}`
      return served
    })
    for (const close of closing) await close()
  },
})

function configurationFor(
  folder: string,
  { store, retention }: Pick<ServeOptions, 'store' | 'retention'>,
): Configuration {
  return configurationOf(path.join(folder, 'monitor.config.ts'), {
    environments: { production: { baseURL: 'http://127.0.0.1:1' } },
    checks: {},
    ...(store && { evidence: { store } }),
    ...(retention && { retention }),
  })
}

/** A report as `monitor run` leaves it, of a page and these files. */
export async function writePage(folder: string, run: string, files: Record<string, string> = {}): Promise<string> {
  const place = path.join(folder, '.reprise/runs', run)
  await writeFiles(place, { 'index.html': '<!doctype html><title>Report</title><p>The report', ...files })
  return place
}
