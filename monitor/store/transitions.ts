/** Records the transitions of checks; kept forever. */
import type pg from 'pg'
import type { Transition } from '../verdict/verdict.ts'

export async function writeTransition(
  client: pg.PoolClient,
  check: string,
  transition: Transition,
  incident: number | undefined,
): Promise<void> {
  const { kind, at } = transition
  const [from, to] =
    kind === 'state'
      ? [transition.from, transition.to]
      : kind === 'flapping' || kind === 'steady'
        ? [null, transition.state]
        : [null, null]
  await client.query(
    `insert into reprise.transitions (check_name, at, kind, from_state, to_state, quiet, incident)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [check, new Date(at), kind, from, to, kind === 'state' && transition.quiet, incident ?? null],
  )
}
