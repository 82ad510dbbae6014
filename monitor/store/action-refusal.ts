/** ActionRefusal: why an action of an operator had no effect. */

/** `unknown`: what it is about does not exist; `conflict`: its state does not allow it; `invalid`: a value does not. */
export type RefusalKind = 'unknown' | 'conflict' | 'invalid'

export class ActionRefusal extends Error {
  readonly kind: RefusalKind

  constructor(kind: RefusalKind, message: string) {
    super(message)
    this.kind = kind
  }
}
