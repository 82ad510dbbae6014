/** The route to a server: the connection of the shared transaction, or a dedicated one; and the settings in force there. */

import { bindAndExecute, parse, sync } from '../protocol/frontend-messages.ts'
import { SessionError } from '../protocol/pg-error.ts'
import { statementsToApply } from '../state/settings/setting-statements.ts'
import type { AppliedSettings, Settings } from '../state/settings/settings.ts'
import type { ServerConnection } from './server-connection.ts'

/** A connection and its state. Of the sessions, only the holder of the connection lock uses it. */
export interface ServerRoute {
  readonly upstream: ServerConnection
  /** The settings in force on `upstream`. */
  applied: AppliedSettings
  /** The session that the unnamed statement on `upstream` belongs to. */
  unnamedOwner: unknown
}

/**
 * Puts the wanted settings into force, except those withheld. The messages of `opening` are sent before, in the same write.
 * Resolves with the ParameterStatus frames of the server. Throws the server's error.
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
