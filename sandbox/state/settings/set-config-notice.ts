/** Reads the notices by which the set_config() of a template reports its calls. */
import { configuredState } from '../../../postgres/templates/template-functions.ts'
import { readErrorFields } from '../../protocol/backend-messages.ts'
import type { SetConfigCall } from '../../sql/commands/set-config.ts'

const state = `\0C${configuredState}\0`

/** The call that a NoticeResponse reports; undefined for any other notice. */
export function readSetConfigNotice(notice: Buffer): SetConfigCall | undefined {
  if (!notice.includes(state)) return undefined
  const [name, local, value] = JSON.parse(readErrorFields(notice).message) as [string, boolean, string]
  return { name, local, value }
}
