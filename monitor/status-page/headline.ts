/** Headline: the state of all checks, in words. */
import type { CheckStatus } from './status.ts'

export interface Headline {
  state: CheckStatus['state']
  text: string
}

export function headlineOf(checks: readonly CheckStatus[]): Headline {
  const total = checks.length
  if (total === 0) return { state: 'unknown', text: 'No check is monitored yet' }
  for (const state of ['down', 'degraded', 'unknown'] as const) {
    const those = checks.filter(check => check.state === state)
    if (those.length > 0) return { state, text: trouble(state, those, total) }
  }
  const maintained = checks.filter(({ state }) => state === 'maintenance').length
  if (maintained === total) {
    return {
      state: 'maintenance',
      text: total === 1 ? 'The check is in maintenance' : `All ${total} checks are in maintenance`,
    }
  }
  const stale = checks.filter(check => check.stale).length
  const up = total - maintained
  const others = maintained > 0 ? `, ${maintained} ${isAre(maintained)} in maintenance` : ''
  if (stale > 0)
    return {
      state: 'unknown',
      text: total === 1 ? 'The check is out of date' : `${stale} of ${total} checks ${isAre(stale)} out of date`,
    }
  if (total === 1) return { state: 'up', text: 'The check is up' }
  return {
    state: 'up',
    text: others ? `${up} ${up === 1 ? 'check is' : 'checks are'} up${others}` : `All ${total} checks are up`,
  }
}

const mostNamed = 3
const longestName = 40

function trouble(state: 'down' | 'degraded' | 'unknown', those: readonly CheckStatus[], total: number): string {
  const names = those.map(({ name }) => name)
  if (those.length === total && total > 1) return `All ${total} checks are ${state}`
  if (names.length > mostNamed || names.some(name => name.length > longestName)) {
    return `${names.length} of ${total} ${total === 1 ? 'check' : 'checks'} ${isAre(names.length)} ${state}`
  }
  const last = names.at(-1)
  return `${names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`} ${isAre(names.length)} ${state}`
}

const isAre = (count: number) => (count === 1 ? 'is' : 'are')
