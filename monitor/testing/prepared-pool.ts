/** A pool for tests that send the store's statements very often. */
import type pg from 'pg'
import { openPool } from '../store/pool.ts'

/**
 * Prepares each statement on its first use. Planning is most of the time of the store's statements, because they are small
 * and several of its tables are partitioned.
 */
export function openPreparedPool(url: string): pg.Pool {
  return openPool(url, { options: '-c plan_cache_mode=force_generic_plan' }).on('connect', prepareStatements)
}

const names = new Map<string, string>()

/** Statements without parameters, such as BEGIN, are sent as they are. */
function prepareStatements(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown
  const prepared = (text: unknown, values?: unknown, ...rest: unknown[]) => {
    if (typeof text !== 'string' || !Array.isArray(values)) return query(text, values, ...rest)
    const name = names.get(text) ?? `statement ${names.size}`
    names.set(text, name)
    return query({ name, text, values }, ...rest)
  }
  client.query = prepared as typeof client.query
}
