/** The rows of the table of differences in docs/sandbox.md, with the tests of each. */
import {
  deadVersions,
  deferrableConstraints,
  enumValues,
  otherConnections,
  outsideOnly,
  publications,
} from './commits.ts'
import {
  cancelling,
  connection,
  customSettings,
  heldCursors,
  logins,
  statistics,
  temporaryTables,
  timeouts,
} from './connection.ts'
import type { Differences } from './difference.ts'
import {
  advisoryLocks,
  errorContext,
  notificationsOfFunctions,
  preparedStatements,
  settingsOfFunctions,
} from './functions.ts'
import { clock, transactionIds } from './time.ts'
import { concurrency, isolationLevels } from './turns.ts'

/** Tests by the title of the row. */
export const rows: Readonly<Record<string, Differences>> = {
  Clock: clock,
  Concurrency: concurrency,
  'Isolation levels': isolationLevels,
  'Outside a transaction': outsideOnly,
  'Other connections': otherConnections,
  'Enum values': enumValues,
  'Transaction ids': transactionIds,
  Connection: connection,
  Logins: logins,
  Cancelling: cancelling,
  Statistics: statistics,
  'Temporary tables': temporaryTables,
  Cursors: heldCursors,
  'Settings in functions': settingsOfFunctions,
  'Unset settings': customSettings,
  'Advisory locks': advisoryLocks,
  NOTIFY: notificationsOfFunctions,
  Timeouts: timeouts,
  'Many updates': deadVersions,
  Constraints: deferrableConstraints,
  'Prepared statements': preparedStatements,
  Publications: publications,
  'Error context': errorContext,
}
