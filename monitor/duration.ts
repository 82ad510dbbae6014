/** Parses durations such as `30s`. */

/** Such as `500ms`, `30s`, `5m`, `1h` or `30d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Returns the milliseconds of `500ms`, `30s`, `1.5m`, `1h` or `30d`; undefined if the text is not a positive duration.
 */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  const milliseconds = Math.round(Number(amount) * (units[unit] ?? Number.NaN))
  return Number.isSafeInteger(milliseconds) && milliseconds > 0 ? milliseconds : undefined
}
