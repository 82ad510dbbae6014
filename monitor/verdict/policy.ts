/** Policy: which findings change the state of a check. */

export interface Policy {
  /**
   * `down`: how many slots in a row must fail (or be slow) before the check is down (or degraded); with `of`, how many
   * of the last `of` slots must fail before it is down. `up`: how many slots in a row must be better before the state
   * improves.
   */
  readonly confirm: { readonly down: number; readonly of?: number; readonly up: number }
  /**
   * With this many failures among the last `of` slots, not confirmed as down, the check is degraded; also if all of these have
   * failed or passed only on a retry. Absent: never.
   */
  readonly often?: { readonly failures: number; readonly of: number }
  /** From how many locations the check is replayed in each slot, and how many of them must agree on a failure. */
  readonly locations: { readonly count: number; readonly agree: number }
  /** After this many slots in a row without evidence the state is unknown. */
  readonly blindAfter: number
  /**
   * The check is flapping once its state has changed `turns` times within `within` slots, until `steady` slots without
   * a change.
   */
  readonly flapping: { readonly turns: number; readonly within: number; readonly steady: number }
}

/** The policy of checks that configure nothing. */
export const defaultPolicy: Policy = {
  confirm: { down: 2, up: 1 },
  often: { failures: 3, of: 10 },
  locations: { count: 1, agree: 1 },
  blindAfter: 3,
  flapping: { turns: 4, within: 20, steady: 10 },
}
