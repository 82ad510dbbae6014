/** Makes the spans of a run's replays: a trace each, with the attempts of its specs, their steps and their requests. */
import { randomBytes } from 'node:crypto'
import {
  type Attributes,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import {
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_LINE_NUMBER,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from '@opentelemetry/semantic-conventions'
import type { RequestRecord } from '../../environment/contract/attempt-log.ts'
import { traceOfReplay } from '../../environment/contract/traceparent.ts'
import type { AttemptDocument, CheckDocument, RunDocument, SpecDocument } from '../replay/document.ts'
import type { StepRecord } from '../replay/events.ts'
import { errorTypeOf } from './error-type.ts'
import { shownUrl } from './shown-url.ts'

/** An attempt and the checks that it counts for: a spec that several checks select runs once. */
interface TracedAttempt {
  checks: CheckDocument[]
  spec: SpecDocument
  attempt: AttemptDocument
  startMs: number
  /** Counted from 1. */
  number: number
  context: SpanContext
  /** Of the attempt before, if this is a retry. */
  previous: SpanContext | undefined
}

export function spansOf(document: RunDocument, resource: Resource): ReadableSpan[] {
  return [...tracesOf(document)].flatMap(([traceId, attempts]) => replaySpans(document, traceId, attempts, resource))
}

/** By the id of the trace. */
function tracesOf({ checks }: RunDocument): ReadonlyMap<string, TracedAttempt[]> {
  const traces = new Map<string, TracedAttempt[]>()
  for (const check of checks) {
    for (const spec of check.specs) {
      let previous: SpanContext | undefined
      for (const [index, attempt] of spec.attempts.entries()) {
        const { startedAt } = attempt
        // The process of an attempt without a start has ended before it reported.
        if (startedAt === undefined) continue
        const traceId = attempt.traceId ?? traceOfReplay(check.replay)
        const attempts = traces.get(traceId) ?? []
        traces.set(traceId, attempts)
        const number = index + 1
        const known = attempts.find(
          other =>
            // A check has it once for each project, and these may start in the same millisecond.
            !other.checks.includes(check) &&
            other.number === number &&
            other.attempt.startedAt === startedAt &&
            isSame(other.spec, spec),
        )
        const one = known ?? {
          ...{ checks: [], spec, attempt, previous, number, startMs: Date.parse(startedAt) },
          context: contextOf(traceId, newSpanId()),
        }
        one.checks.push(check)
        if (!known) attempts.push(one)
        previous = one.context
      }
    }
  }
  return traces
}

const isSame = (one: SpecDocument, other: SpecDocument) =>
  one.file === other.file && one.line === other.line && one.title === other.title

/** The root, and the spans of its attempts: of one replay, or those that belong to the same several replays. */
function replaySpans(
  document: RunDocument,
  traceId: string,
  attempts: readonly TracedAttempt[],
  resource: Resource,
): ReadableSpan[] {
  const context = contextOf(traceId, newSpanId())
  const made = attempts.flatMap(traced => attemptSpans(traced, context, resource))
  const checks = [...new Set(attempts.flatMap(({ checks }) => checks))]
  const names = listed(checks.map(({ name }) => name))
  const versions = checks.flatMap(({ versions }) => versions ?? [])
  const failed = attempts.filter(({ spec }) => spec.outcome === 'failed' || spec.outcome === 'error').at(-1)
  const root = span({
    ...{ resource, context, name: names },
    startMs: made.reduce((earliest, { startMs }) => Math.min(earliest, startMs), Number.POSITIVE_INFINITY),
    endMs: made.reduce((latest, { endMs }) => Math.max(latest, endMs), 0),
    attributes: {
      'reprise.check': names,
      'reprise.environment': document.environment,
      'reprise.run': document.run,
      'reprise.replay': listed(checks.map(({ replay }) => replay)),
      ...(checks.length === 1 && { 'reprise.outcome': checks[0]?.outcome }),
      ...(versions.length > 0 && { 'reprise.version': listed(versions) }),
    },
    ...(failed && { error: reasonOf(failed) }),
  })
  return [root, ...made].map(({ readable }) => readable)
}

const reasonOf = ({ spec, attempt }: TracedAttempt) =>
  (attempt.error?.message ?? spec.reason ?? attempt.outcome).split('\n')[0]

function attemptSpans(traced: TracedAttempt, parent: SpanContext, resource: Resource): MadeSpan[] {
  const { spec, attempt, startMs, number, context, previous } = traced
  const hasPassed = attempt.outcome !== 'failed' && attempt.outcome !== 'error'
  const reason = reasonOf(traced)
  const made = { resource, traceId: context.traceId }
  const steps = stepSpans(attempt.steps ?? [], { ...made, parent: context, notBeforeMs: startMs, reason })
  const requests = attempt.requests.map(request => {
    const sentMs = request.startedAt === undefined ? startMs : Date.parse(request.startedAt)
    const parent = stepAt(steps, sentMs) ?? { context, startMs }
    return requestSpan(request, {
      ...made,
      parent: parent.context,
      startMs: Math.max(sentMs, parent.startMs),
      hasPassed,
    })
  })
  const children = [...steps, ...requests]
  const own = span({
    ...{ resource, context, parent, startMs },
    name: spec.title,
    endMs: children.reduce((latest, { endMs }) => Math.max(latest, endMs), startMs + attempt.durationMs),
    attributes: {
      'reprise.attempt': number,
      'reprise.outcome': attempt.outcome,
      'test.case.name': spec.title,
      ...(attempt.outcome !== 'error' && { 'test.case.result.status': hasPassed ? 'pass' : 'fail' }),
      [ATTR_CODE_FILE_PATH]: spec.file,
      [ATTR_CODE_LINE_NUMBER]: spec.line,
    },
    ...(!hasPassed && { error: reason }),
    ...(previous && { link: previous }),
  })
  return [own, ...children]
}

/** A span of which others are the parent. */
interface MadeSpan {
  context: SpanContext
  startMs: number
  endMs: number
  readable: ReadableSpan
}

interface StepPlace {
  resource: Resource
  traceId: string
  parent: SpanContext
  notBeforeMs: number
  reason: string | undefined
}

/** Each step before those within it. */
function stepSpans(steps: readonly StepRecord[], place: StepPlace): MadeSpan[] {
  const { resource, traceId, parent, notBeforeMs, reason } = place
  return steps.flatMap(({ title, startedAt, durationMs, isFailed, steps = [] }) => {
    const startMs = Math.max(Date.parse(startedAt), notBeforeMs)
    const context = contextOf(traceId, newSpanId())
    const within = stepSpans(steps, { ...place, parent: context, notBeforeMs: startMs })
    const endMs = within.reduce((latest, { endMs }) => Math.max(latest, endMs), startMs + durationMs)
    const attributes = { 'reprise.step': title }
    return [
      span({ resource, context, parent, name: title, startMs, endMs, attributes, ...(isFailed && { error: reason }) }),
      ...within,
    ]
  })
}

/** The last step to begin that goes on at this time: the innermost. */
function stepAt(steps: readonly MadeSpan[], ms: number): MadeSpan | undefined {
  return steps.findLast(({ startMs, endMs }) => startMs <= ms && ms <= endMs)
}

interface RequestPlace {
  resource: Resource
  traceId: string
  parent: SpanContext
  startMs: number
  /** Whether the attempt has: then the spec expects a status of 4xx. */
  hasPassed: boolean
}

function requestSpan(
  request: RequestRecord,
  { resource, traceId, parent, startMs, hasPassed }: RequestPlace,
): MadeSpan {
  const { method, url, status, error, totalMs, spanId = newSpanId() } = request
  const { href, address, port } = shownUrl(url)
  const errorType = errorTypeOf(status, error)
  const isExpected = hasPassed && status !== undefined && status < 500
  const attributes: Attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_FULL]: href }
  if (address !== undefined) {
    attributes[ATTR_SERVER_ADDRESS] = address
    attributes[ATTR_SERVER_PORT] = port
  }
  if (status !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType
  for (const [member, attribute] of phases) {
    const ms = request[member]
    if (ms !== undefined) attributes[attribute] = ms
  }
  const context = contextOf(traceId, spanId)
  const endMs = startMs + totalMs
  const made = { resource, parent, context, kind: SpanKind.CLIENT, name: method, startMs, endMs, attributes }
  return span(errorType === undefined || isExpected ? made : { ...made, error: error?.split('\n')[0] })
}

/** How long each phase took, in milliseconds. */
const phases = [
  ['dnsMs', 'reprise.dns_ms'],
  ['connectMs', 'reprise.connect_ms'],
  ['tlsMs', 'reprise.tls_ms'],
  ['firstByteMs', 'reprise.first_byte_ms'],
  ['downloadMs', 'reprise.download_ms'],
] as const

interface SpanParts {
  resource: Resource
  context: SpanContext
  parent?: SpanContext | undefined
  kind?: SpanKind
  name: string
  startMs: number
  endMs: number
  attributes: Attributes
  /** Present if it has failed; undefined: without a message. */
  error?: string | undefined
  link?: SpanContext
}

function span(parts: SpanParts): MadeSpan {
  const { resource, context, parent, kind = SpanKind.INTERNAL, name, startMs, endMs, attributes, link } = parts
  const { error } = parts
  const failed = { code: SpanStatusCode.ERROR, ...(error !== undefined && { message: error }) }
  // Without a spread, which makes a slow object of it: a replay may have hundreds of thousands of spans.
  const readable: ReadableSpan & { parentSpanContext?: SpanContext } = {
    resource,
    name,
    kind,
    attributes,
    spanContext: () => context,
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: 'error' in parts ? failed : unset,
    links: link ? [{ context: link }] : [],
    events: [],
    ended: true,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
  if (parent) readable.parentSpanContext = parent
  return { context, startMs, endMs, readable }
}

const unset = { code: SpanStatusCode.UNSET }
const scope = { name: 'reprise' }

const contextOf = (traceId: string, spanId: string): SpanContext => ({
  traceId,
  spanId,
  // As the requests' `traceparent` has it.
  traceFlags: TraceFlags.SAMPLED,
})

/** Random bytes for as many ids as one call of the system gives cheaply, and how many of them are used. */
const pool = { bytes: Buffer.alloc(0), used: 0 }

function newSpanId(): string {
  if (pool.used === pool.bytes.length) Object.assign(pool, { bytes: randomBytes(4096), used: 0 })
  pool.used += 8
  return pool.bytes.toString('hex', pool.used - 8, pool.used)
}

const listed = (texts: readonly string[]) => [...new Set(texts)].join(', ')

/** Seconds and nanoseconds, which a number could not hold together. */
const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.floor((ms % 1000) * 1e6)]
