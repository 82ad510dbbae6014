/** Settles an unreadable file among the waiting results: its replay ends as an error, and the file is set aside. */
import { isRefusal } from '../store/refusal.ts'
import { presumeResult } from '../store/replays.ts'
import { slotOfReplay } from '../store/slot-of-replay.ts'
import type { UnreadableResult } from '../store/spool.ts'
import { utcText } from '../utc-text.ts'
import { ownFault } from './run.ts'
import type { SettleOptions } from './settled-result.ts'

/** Returns undefined when the file is settled, or the error for which it stays. Throws the database's errors. */
export async function settleUnreadable(
  unreadable: UnreadableResult,
  settling: SettleOptions,
): Promise<Error | undefined> {
  const { spool, complain } = settling
  const unread = `The result in ${unreadable.file} cannot be read: ${unreadable.cause}`
  let owner: string
  try {
    owner = await endReplay(unreadable, settling)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return new Error(`${unread}. Its replay cannot be ended as an error either: ${error.message}`, { cause: error })
  }
  try {
    const file = await spool.setAsideUnreadable(unreadable)
    // Undefined if another instance that uses this folder has moved it.
    if (file !== undefined) {
      complain(`${unread}.${owner} It is set aside in ${file}: mend it and move it one folder up, or delete it.`)
    }
    return undefined
  } catch (error) {
    return new Error(`${unread}.${owner} ${(error as Error).message}`, { cause: error })
  }
}

/** Returns a sentence that names the replay; empty if the file belongs to none. */
async function endReplay(
  { named, cause }: UnreadableResult,
  { pool, isInMaintenance }: SettleOptions,
): Promise<string> {
  const slot = named && (await slotOfReplay(pool, named))
  if (!slot) return ''
  // A presumed outcome, which the result replaces if the file is repaired.
  const fault = ownFault(`the monitor cannot read the result: ${cause}`)
  await presumeResult(pool, { ...slot, replay: named.replay, endedAt: new Date(), ...fault }, isInMaintenance)
  return ` It is that of check ${slot.check}, due at ${utcText(slot.due)}, whose replay has ended without it.`
}
