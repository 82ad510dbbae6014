/**
 * The kinds of messages that routes choose channels for. The others follow them: `update` and `up` go to the channels that
 * have the `down`, and `known` to those that have the `unknown`. An escalation and a digest have channels of their own.
 * `heartbeat` is the `down` of a job that reports to the monitor itself.
 */
import type { RouteKind } from '../store/routes.ts'

export const routedKinds = [
  ...(['down', 'heartbeat', 'flapping', 'reminder', 'unknown'] as const),
  ...(['degraded', 'leak', 'certificate', 'trouble'] as const),
] satisfies RouteKind[]

export type RoutedKind = (typeof routedKinds)[number]
