/** When the outcomes of a check's replays turn its state. */

export interface Policy {
  /**
   * `down`: so many slots in a row must fail (or be slow) before the check is down (or degraded). `up`: so many must be
   * better before it is that again.
   */
  readonly confirm: { readonly down: number; readonly up: number }
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
  locations: { count: 1, agree: 1 },
  blindAfter: 3,
  flapping: { turns: 4, within: 20, steady: 10 },
}
