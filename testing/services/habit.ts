/** A habit of real services: how one responds to creations and removals, and what is left after a spec. */
import type { Router } from 'express'
import type { CleanupRule, ReadRule } from '../../environment/environment.ts'
import type { Things } from './things.ts'

/**
 * nothing: everything is removed, which was verified. unverified: removed, but that could not be verified. named: something
 * is left, and is reported as a possible leak.
 */
export type Left = 'nothing' | 'unverified' | 'named'

export interface Habit {
  /** The name in test results. */
  name: string
  /** The first segment of its paths. */
  path: string
  /** Adds its routes, whose paths begin with `/PATH`. */
  serve(app: Router, things: Things): void
  /** The body of a test, with `request` and `expect` in scope. */
  creates: string
  cleanup?: CleanupRule[]
  reads?: (string | ReadRule)[]
  left: Left
  /** After the spec was killed and a sweep has run, if that differs. */
  leftBySweep?: Left
}
