/**
 * The kinds of messages that routes choose channels for. The others follow them: `update` and `up` go to the channels that
 * have the `down`, and `known` to those that have the `unknown`. An escalation has channels of its own.
 */
import type { AlertMessage } from '../store/messages.ts'

export const routedKinds = [
  ...(['down', 'flapping', 'reminder', 'unknown', 'degraded', 'leak', 'certificate'] as const),
  ...(['trouble', 'digest'] as const),
] satisfies AlertMessage['kind'][]

export type RoutedKind = (typeof routedKinds)[number]
