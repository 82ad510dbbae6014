/** All scenarios, grouped by subject. */
import { clients } from './clients.ts'
import { commits } from './commits.ts'
import { constraints } from './constraints.ts'
import { controlStatements } from './control-statements.ts'
import { copying } from './copying.ts'
import { cursors } from './cursors.ts'
import { errors } from './errors.ts'
import { functionCalls } from './function-calls.ts'
import { malformed } from './malformed.ts'
import { notifications } from './notifications.ts'
import { pipelines } from './pipelines.ts'
import { portals } from './portals.ts'
import { queries } from './queries.ts'
import { savepoints } from './savepoints.ts'
import type { Scenarios } from './scenario.ts'
import { schema } from './schema.ts'
import { sessionCommands } from './session-commands.ts'
import { settings } from './settings.ts'
import { statements } from './statements.ts'
import { texts } from './texts.ts'
import { transactions } from './transactions.ts'

export const subjects: Readonly<Record<string, Scenarios>> = {
  queries,
  texts,
  transactions,
  commits,
  constraints,
  savepoints,
  settings,
  'prepared statements': statements,
  'control by the extended query protocol': controlStatements,
  portals,
  pipelines,
  'function calls': functionCalls,
  copy: copying,
  cursors,
  errors,
  'commands about the session': sessionCommands,
  notifications,
  schema,
  'malformed messages': malformed,
  'several clients': clients,
}
