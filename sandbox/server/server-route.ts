/** How a session reaches a server: through the shared transaction, or by a connection of its own. */

import { bindAndExecute, parse, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { statementsToApply } from '../state/settings/setting-statements.ts'
import type { AppliedSettings, Settings } from '../state/settings/settings.ts'
import type { ServerConnection } from './server-connection.ts'

/** One way to a server. The holder of the turn is the only one that uses `upstream`. */
export interface ServerRoute {
  readonly upstream: ServerConnection
  /** The settings that hold on `upstream` now. */
  applied: AppliedSettings
  /** Whose unnamed statement `upstream` has; another session's is gone. */
  unnamedOwner: unknown
}

/**
 * Makes the wanted settings hold, less those withheld. `opening` is written before, and answered with it. Resolves with the
 * frames in which the server tells of them. Throws the server's error.
 */
export async function applySettings(
  lane: ServerRoute,
  wanted: Settings,
  opening: readonly Buffer[] = [],
): Promise<Buffer[]> {
  const statements = statementsToApply(lane.applied, wanted)
  lane.unnamedOwner = undefined
  // Message by message, since some parameters change how the text behind them is read: its encoding, or a backslash in it.
  const messages = statements.flatMap(sql => [parse('', sql), bindAndExecute('')])
  const { error, reports } = await lane.upstream.exchange(Buffer.concat([...opening, ...messages, sync]))
  if (error) {
    throw new SessionError(error.code, `The settings of this session could not be applied again: ${error.message}`, {
      detail: statements.join('; '),
    })
  }
  lane.applied = wanted
  return reports
}
