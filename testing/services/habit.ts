/** A habit of real services: how one answers to creations and removals, and what a spec may expect to be left. */
import type { Router } from 'express'
import type { CleanupRule, ReadRule } from '../../environment/environment.ts'
import type { Things } from './things.ts'

/**
 * nothing: everything is removed, and seen to be gone. unverified: removed as far as anything tells. named: something stays, and
 * is named as a possible leak.
 */
export type Left = 'nothing' | 'unverified' | 'named'

export interface Habit {
  /** Names the habit in the results. */
  name: string
  /** The first segment of its paths. */
  path: string
  /** Adds its routes, whose paths begin with `/PATH`. */
  serve(app: Router, things: Things): void
  /** Statements of a test with `request` and `expect` in scope. */
  creates: string
  cleanup?: CleanupRule[]
  reads?: (string | ReadRule)[]
  left: Left
  /** After the spec was killed and a sweep has been there, if that is something else. */
  leftBySweep?: Left
}
