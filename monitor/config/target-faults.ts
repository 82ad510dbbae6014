/** Validates REPRISE_TARGET. */
import { type Fault, shown } from './fault.ts'

export function targetFaults({ REPRISE_TARGET: target }: NodeJS.ProcessEnv): Fault[] {
  if (!target) return []
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username + url.password === '') return []
  const remedy = 'write a URL that begins with https:// or http://, without a user and a password'
  return [{ path: 'REPRISE_TARGET', value: shown(target, []), remedy }]
}
