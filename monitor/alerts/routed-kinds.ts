/**
 * The kinds of messages that routes choose channels for. The others follow them: `update` and `up` go to the channels that
 * have the `down`, and `known` to those that have the `unknown`. An escalation and a digest have channels of their own.
 */
import type { AlertMessage } from '../store/messages.ts'

export const routedKinds = [
  ...(['down', 'flapping', 'reminder', 'unknown'] as const),
  ...(['degraded', 'leak', 'certificate', 'trouble'] as const),
] satisfies AlertMessage['kind'][]

export type RoutedKind = (typeof routedKinds)[number]
