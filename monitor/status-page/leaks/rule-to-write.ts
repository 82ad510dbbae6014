/** Suggests the cleanup rule with which a request would not have left anything unknown. */
import { routeOf } from '../../../environment/ledger/route.ts'
import type { Leak } from '../../store/leaks.ts'

/** Null: it has a rule that shows whether it was created, or the reason names one. */
export function ruleToWrite({ intent, reason, things, baseURL }: Leak): string | null {
  const { method, url, rule } = intent
  if (rule?.find !== undefined || things.length > 0 || reason?.includes('{ create:')) return null
  const path = pathOf(url, baseURL)
  if (path === undefined) return null
  const { create, remove } = routeOf(path, method === 'PUT')
  const isNamed = method === 'PUT'
  const removal = isNamed ? `DELETE ${remove}` : `DELETE ${remove}/{body.id}`
  const find = isNamed ? `GET ${remove}` : `GET ${remove}?name={request.name}`
  return `{ create: '${method} ${create}', remove: '${removal}', find: '${find}' }`
}

/** Relative to the base URL; undefined if the address is not below it. */
function pathOf(url: string, baseURL: string): string | undefined {
  const base = baseURL.replace(/\/+$/, '')
  if (!url.startsWith(base)) return undefined
  const path = url.slice(base.length).replace(/[?#].*$/, '')
  return path.startsWith('/') ? path : undefined
}
