/** Messages to channels, as they are stored in the outbox. */
import type { State } from '../verdict/verdict.ts'

/** JSON; times are ISO strings. */
export type AlertMessage = CheckMessage | SubjectMessage | DigestMessage

/** A message about the states of checks. */
export type CheckMessage = IncidentMessage | UnknownStateMessage

export interface IncidentMessage {
  kind: 'down' | 'update' | 'flapping' | 'acknowledged' | 'reminder' | 'escalation' | 'up'
  incident: number
  environment: string
  openedAt: string
  /** Due time of the slot that caused it; or when the check was removed. */
  at: string
  /** In an `acknowledged`: the operator. */
  acknowledgedBy?: string
  /** All checks that have belonged to the incident. */
  checks: AlertedCheck[]
}

/** A message about checks that become unknown, or known again. */
export interface UnknownStateMessage {
  kind: 'unknown' | 'known'
  environment: string
  at: string
  /** The checks that it is about. */
  checks: AlertedCheck[]
}

/**
 * A message about something else than the state of a check, which begins and ends, or happens once. Messages are merged
 * until they are sent.
 */
export interface SubjectMessage {
  kind: 'degraded' | 'leak' | 'certificate' | 'trouble'
  phase: 'began' | 'ended' | 'happened'
  severity: Severity
  /** Absent: it is about the monitor itself. */
  environment?: string
  at: string
  subjects: NoticeSubject[]
}

export interface NoticeSubject extends FailureEvidence {
  /** The same in the message of its end: the name of a check, a host, or what part of the monitor has the trouble. */
  name: string
  /** What is wrong, or was, in one sentence without the name; shown to people. */
  text: string
  since: string
  /** The names of the checks that it is about. Absent: all of the environment, or none. */
  checks?: string[]
  /** The open incident of these checks. */
  incident?: number
  runbook?: string
  /** In the message of its end: it is not monitored any more, and may not be over. */
  removed?: true
}

/** Where to look for the cause; each part is absent if it is not known. */
export interface FailureEvidence {
  /** The versions of the service with which the failures began. */
  failingVersion?: string
  /** The last versions before that worked. */
  passedVersion?: string
  /** The trace of the requests, as `traceparent` has it. */
  traceId?: string
  /** The run whose report shows the failure. */
  run?: string
}

export type Severity = 'critical' | 'warning' | 'info'

/** A summary of a span. */
export interface DigestMessage {
  kind: 'digest'
  from: string
  at: string
  /** Sentences. */
  lines: string[]
}

/** The evidence is that of the failure; of a check that is up there is none. */
export interface AlertedCheck extends FailureEvidence {
  name: string
  state: State
  /** When the state began. */
  since: string
  /** For a check that is not up: the first line of the last failure, with its spec; or why the state is unknown. */
  reason?: string
  /**
   * The news in this message. Absent: the channel has it already, or it was over before the channel could be alerted.
   */
  news?: News
  /** In an `UnknownStateMessage`: the open incident of the check. */
  incident?: number
  /** With `fell`: the channel was notified that the check is degraded, which this message ends. */
  wasDegraded?: true
  /** Default: `critical`. */
  severity?: Severity
  tags?: string[]
  /** The URL of instructions. */
  runbook?: string
  /** A job that reports to the monitor itself. Absent: the check replays specs. */
  source?: 'heartbeat'
}

export type News = 'fell' | 'recovered' | 'removed' | 'flapping' | 'unknown' | 'known'

/** In place of an incident's number, in the outbox and in `open_alerts`. */
export const noIncident = 0

/** Messages of one stream reach a channel in order. Matters of a kind and environment are a stream. */
export function streamOf(message: AlertMessage | Pick<SubjectMessage, 'kind' | 'environment'>): string {
  if ('incident' in message) return `incident ${message.incident}`
  switch (message.kind) {
    case 'unknown':
    case 'known':
      return `unknown ${message.environment}`
    case 'digest':
      return 'digest'
    default:
      return [message.kind, message.environment ?? []].flat().join(' ')
  }
}
