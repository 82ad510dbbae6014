/** The objects that together run one session's statements. */

import type { RequestPipeline } from '../server/request-pipeline.ts'
import { SessionState } from '../state/session-state.ts'
import { Route } from './route.ts'
import type { SessionContext } from './session-context.ts'
import type { SessionHandle } from './session-handle.ts'
import { SqlPreparedStatements } from './sql-prepared-statements.ts'
import { UnitOfWork } from './unit-of-work.ts'

export interface SessionParts {
  readonly session: SessionHandle
  readonly context: SessionContext
  readonly pipeline: RequestPipeline
  readonly state: SessionState
  readonly route: Route
  readonly work: UnitOfWork
  /** The session's prepared statements of PREPARE and EXECUTE. */
  readonly sqlStatements: SqlPreparedStatements
}

export function sessionParts(session: SessionHandle, context: SessionContext, pipeline: RequestPipeline): SessionParts {
  const state = new SessionState(session.id)
  const route = new Route(session, context, pipeline, state)
  const sqlStatements = new SqlPreparedStatements(state.statements, pipeline)
  const work = new UnitOfWork({ session, context, pipeline, state, route, sqlStatements })
  return { session, context, pipeline, state, route, work, sqlStatements }
}
