/** The end of a file among the waiting results that cannot be read: its replay ends as an error, and it is set aside. */
import { isRefusal } from '../store/refusal.ts'
import { presumeResult } from '../store/replays.ts'
import { slotOfReplay } from '../store/slot-of-replay.ts'
import type { UnreadableResult } from '../store/spool.ts'
import { utcText } from '../utc-text.ts'
import { ownFault } from './run.ts'
import type { SettleOptions } from './settled-result.ts'

/** Answers why the file stays where it is; undefined once it is settled. Throws what the database says. */
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
    return new Error(`${unread}. Nor can its replay end as an error: ${error.message}`, { cause: error })
  }
  try {
    const file = await spool.setAsideUnreadable(unreadable)
    // Undefined: another instance that works in this folder was faster.
    if (file !== undefined) {
      complain(`${unread}.${owner} It is set aside in ${file}: mend it and move it one folder up, or delete it.`)
    }
    return undefined
  } catch (error) {
    return new Error(`${unread}.${owner} ${(error as Error).message}`, { cause: error })
  }
}

/** Answers a sentence that names the replay; an empty text for a file that is that of none. */
async function endReplay(
  { named, cause }: UnreadableResult,
  { pool, isInMaintenance }: SettleOptions,
): Promise<string> {
  const slot = named && (await slotOfReplay(pool, named))
  if (!slot) return ''
  // Presumed, so that it gives way to the result, should that be mended.
  const fault = ownFault(`the monitor cannot read the result: ${cause}`)
  await presumeResult(pool, { ...slot, replay: named.replay, endedAt: new Date(), ...fault }, isInMaintenance)
  return ` It is that of check ${slot.check}, due at ${utcText(slot.due)}, whose replay has ended without it.`
}
