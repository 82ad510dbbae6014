/** A process that starts one slot, claims another, reports both and is then killed. */
import { claimDueSlots } from '../../store/claims.ts'
import { openPool } from '../../store/pool.ts'
import { enterHome, startDue } from '../due-slots.ts'

// In case the test ends first.
process.on('disconnect', () => process.exit())

const [, , url = ''] = process.argv
const pool = openPool(url)
const instance = await enterHome(pool)
const [first, second] = [await startDue(pool, instance), await claimDueSlots(pool, instance, 1)]
process.send?.({ started: first[0]?.check, claimed: second?.slots[0]?.check })
