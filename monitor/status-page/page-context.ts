/** PageContext: what the pages of the monitor read. */
import type { Router } from 'express'
import type pg from 'pg'
import type { Environment } from '../../environment/environment.ts'
import type { Configuration } from '../config/configuration.ts'
import type { OwnMetrics } from '../metrics/own-metrics.ts'
import type { ActiveHeartbeat } from '../store/heartbeats.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { ReportDesk } from './report-desk.ts'
import type { ActiveSchedule } from './status.ts'

export interface ActiveConfiguration extends ActiveSchedule {
  configuration: Configuration
  /** As configured, with the base URL in use. Undefined if it is not configured. */
  environment(name: string): Environment | undefined
  /** Absent: none are watched. */
  heartbeats?: {
    /** With the values of their tokens. */
    readonly all: readonly (ActiveHeartbeat & { token: string })[]
    /** Replaces the values of the configuration's secrets. */
    redact(text: string): string
  }
}

export interface PageContext {
  /** Of the monitor's own database. */
  pool: pg.Pool
  /** Called for each request, because the configuration can be replaced. */
  current(): ActiveConfiguration
  changes: Pick<ChangeFeed, 'subscribe'>
  /** Absent: there are no reports. */
  reports?: ReportDesk
  /** Of this process; absent: it runs no service. */
  metrics?: OwnMetrics
  /** REPRISE_URL, for links in what is read elsewhere. */
  publicUrl?: string | undefined
}

/** The routes of one page or of one part of the API. */
export type Routes = (context: PageContext) => Router
