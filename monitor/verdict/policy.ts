/** When the outcomes of a check's replays turn its state. */

export interface Policy {
  /**
   * `down`: so many slots in a row must fail (or be slow) before the check is down (or degraded); with `of`, so many of the
   * last `of` must fail before it is down. `up`: so many must be better before it is that again.
   */
  readonly confirm: { readonly down: number; readonly of?: number; readonly up: number }
  /** When so many of the last slots have failed, though not as `confirm` wants it, the check is degraded. Absent: never. */
  readonly often?: { readonly failures: number; readonly of: number }
  /** From how many places the check is replayed in each slot, and how many of them must agree that it fails. */
  readonly locations: { readonly count: number; readonly agree: number }
  /** So many slots in a row of which nobody can tell anything, and the state is unknown. */
  readonly blindAfter: number
  /** It flaps when its state turns `turns` times within `within` slots, until `steady` slots pass without a turn. */
  readonly flapping: { readonly turns: number; readonly within: number; readonly steady: number }
}

/** What holds for a check that says nothing. */
export const defaultPolicy: Policy = {
  confirm: { down: 2, up: 1 },
  often: { failures: 3, of: 10 },
  locations: { count: 1, agree: 1 },
  blindAfter: 3,
  flapping: { turns: 4, within: 20, steady: 10 },
}
