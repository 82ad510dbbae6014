/** Words for an uptime, and for how much of it was watched. */
import { roundedDown } from './rounded-down.ts'
import type { Uptime } from './store/uptime.ts'

/** Such as `99.92 % of 98.4 % watched`. */
export function uptimeText(uptime: Uptime): string {
  const share = uptimeShare(uptime)
  return share === undefined ? watchedText(uptime) : `${share} ${watchedText(uptime)}`
}

/** Such as `99.92 %`; undefined if nothing was watched. */
export function uptimeShare({ up, down }: Pick<Uptime, 'up' | 'down'>): string | undefined {
  return up + down === 0 ? undefined : percent(up, up + down, 2)
}

/** Such as `of 98.4 % watched`. */
export function watchedText(uptime: Uptime): string {
  const { up, down, unwatched } = uptime
  if (up + down + unwatched === 0) return 'no data'
  return up + down === 0 ? 'not watched' : `of ${percent(up + down, up + down + unwatched, 1)} watched`
}

/** The same as a number; null if nothing was watched. */
export function uptimePercent({ up, down }: Pick<Uptime, 'up' | 'down'>): number | null {
  return up + down === 0 ? null : percentage(up, up + down, 2)
}

function percent(part: number, whole: number, digits: number): string {
  return part === whole ? '100 %' : `${percentage(part, whole, digits).toFixed(digits)} %`
}

/** Rounded down: with one failure in a million it is not 100. */
function percentage(part: number, whole: number, digits: number): number {
  return roundedDown((part / whole) * 100, digits)
}
