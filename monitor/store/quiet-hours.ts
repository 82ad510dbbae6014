/** QuietHours: when messages that are not urgent wait, by the wall clock of a time zone. */
import { timeZone } from '../time-zone.ts'

export interface QuietHours {
  /** In minutes after midnight. */
  from: number
  /** At or before `from`: on the next day. */
  to: number
  timezone: string
  /** On which they begin, 0 to 6 from Sunday; absent: every day. */
  days?: readonly number[]
}

const dayMs = 86_400_000

/** Returns when those that have begun end; undefined if none have. Hours that follow each other count as one. */
export function quietUntil(hours: readonly QuietHours[], at: Date): Date | undefined {
  let until: number | undefined
  // Without an end only if they cover the whole week.
  for (let time = at.getTime(); time < at.getTime() + 8 * dayMs; ) {
    const ends = hours.flatMap(each => endOf(each, time) ?? [])
    if (ends.length === 0) break
    time = Math.max(...ends)
    until = time
  }
  return until === undefined ? undefined : new Date(until)
}

function endOf({ from, to, timezone, days }: QuietHours, time: number): number | undefined {
  const { offsetAt } = timeZone(timezone)
  /** A wall clock time that a clock change leaves out is as long after the change; one that comes twice has two. */
  const timesOf = (wall: number) => {
    const [before, after] = [offsetAt(wall - dayMs), offsetAt(wall + dayMs)]
    const times = [before, after].filter(offset => offsetAt(wall - offset) === offset).map(offset => wall - offset)
    return times.length > 0 ? times : [wall - before]
  }
  const today = Math.floor((time + offsetAt(time)) / dayMs) * dayMs
  const ends = [today - dayMs, today].flatMap(day => {
    if (days && !days.includes(new Date(day).getUTCDay())) return []
    const begin = Math.min(...timesOf(day + from * 60_000))
    const end = Math.max(...timesOf(day + (to <= from ? dayMs : 0) + to * 60_000))
    return begin <= time && time < end ? [end] : []
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}
