/** The connection that a session's statements go to, shared or dedicated, and the settings applied there. */

import { bindAndExecute, parse, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { statementsToApply } from '../state/settings/setting-statements.ts'
import type { AppliedSettings, Settings } from '../state/settings/settings.ts'
import type { ServerConnection } from './server-connection.ts'

/** A server connection with its state. Only the session that holds the connection lock uses a shared `upstream`. */
export interface ServerRoute {
  readonly upstream: ServerConnection
  /** The settings that are in effect on `upstream`. */
  applied: AppliedSettings
  /** The session whose unnamed statement exists on `upstream`. */
  unnamedOwner: unknown
}

/**
 * Applies the wanted settings, except those that the sandbox withholds. `opening` is sent before them in the same
 * write. Resolves with the ParameterStatus messages of the server. Throws the server's error.
 */
export async function applySettings(
  lane: ServerRoute,
  wanted: Settings,
  opening: readonly Buffer[] = [],
): Promise<Buffer[]> {
  const statements = statementsToApply(lane.applied, wanted)
  lane.unnamedOwner = undefined
  // One message each, since a parameter may change how later text is read: client_encoding, standard_conforming_strings.
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
