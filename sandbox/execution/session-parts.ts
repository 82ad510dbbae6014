/** The parts that run the statements of one session. */

import type { RequestPipeline } from '../server/request-pipeline.ts'
import { SessionRecord } from '../state/session-state.ts'
import { SessionLane } from './route.ts'
import type { Endpoint } from './session-context.ts'
import type { Client } from './session-handle.ts'
import { SqlNames } from './sql-prepared-statements.ts'
import { SessionWork } from './unit-of-work.ts'

export interface SessionParts {
  readonly session: Client
  readonly endpoint: Endpoint
  readonly pipeline: RequestPipeline
  readonly record: SessionRecord
  readonly lane: SessionLane
  readonly work: SessionWork
  /** The statements that the session names in SQL. */
  readonly names: SqlNames
}

export function sessionParts(session: Client, endpoint: Endpoint, pipeline: RequestPipeline): SessionParts {
  const record = new SessionRecord(session.id)
  const lane = new SessionLane(session, endpoint, pipeline, record)
  const names = new SqlNames(record.statements, pipeline)
  const work = new SessionWork({ session, endpoint, pipeline, record, lane, names })
  return { session, endpoint, pipeline, record, lane, work, names }
}
