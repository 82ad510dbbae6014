/** Formats a duration for people. */

/** The two largest units: `3 d 4 h`, `12 min`, `812 ms`. If the clock was set back meanwhile: `0 ms`. */
export function durationText(measuredMs: number): string {
  const ms = Math.max(0, measuredMs)
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}
