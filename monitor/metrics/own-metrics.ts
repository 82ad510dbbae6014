/** Counts what this process does, for `/metrics`: replays, deliveries, and its use of processor and memory. */
import { Counter, collectDefaultMetrics, Histogram, type Metric, type MetricObject, Registry } from 'prom-client'

export interface OwnMetrics {
  /** A slot has been started. @param lagMs Since it was due. */
  started(lagMs: number): void
  replayed(replay: { check: string; environment: string; outcome: string; durationMs?: number }): void
  /** An attempt to deliver a message has ended. */
  delivered(attempt: { channel: string; kind: string; isAccepted: boolean }): void
  /** Spans of replays were exported, or dropped. */
  traced(outcome: 'exported' | 'dropped', spans: number): void
  /** All of them, to be registered beside others; without the names of channels on request. */
  all(withChannels: boolean): Metric[]
}

/** In seconds. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const lagBuckets = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300]

export function createOwnMetrics(): OwnMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const lag = new Histogram({
    ...{ registers, name: 'reprise_slot_lag_seconds', buckets: lagBuckets },
    help: 'How long after its due time a slot was started by this instance.',
  })
  const duration = new Histogram({
    ...{ registers, name: 'reprise_replay_duration_seconds', buckets: durationBuckets },
    help: 'How long the tests of a replay by this instance took.',
    labelNames: ['check', 'environment'],
  })
  const replays = new Counter({
    ...{ registers, name: 'reprise_replays_total', labelNames: ['check', 'environment', 'outcome'] },
    help: 'Replays by this instance, by outcome: passed, flaky, slow, failed, error or unknown.',
  })
  const deliveries = new Counter({
    ...{ registers, name: 'reprise_deliveries_total', labelNames: ['channel', 'kind', 'outcome'] },
    help: 'Attempts of this instance to deliver a message, by outcome: accepted or failed.',
  })
  const spans = new Counter({
    ...{ registers, name: 'reprise_trace_spans_total', labelNames: ['outcome'] },
    help: 'Spans of replays by this instance, by outcome: exported, or dropped because the receiver did not accept them.',
  })
  // Some gauges of the process are named as only counters may be; their parts have other names.
  const isNamedWrongly = ({ name, type }: MetricObject) => name.endsWith('_total') && String(type) === 'gauge'
  return {
    started: lagMs => lag.observe(Math.max(0, lagMs) / 1000),
    replayed({ check, environment, outcome, durationMs }) {
      replays.inc({ check, environment, outcome })
      if (durationMs !== undefined) duration.observe({ check, environment }, durationMs / 1000)
    },
    delivered: ({ channel, kind, isAccepted }) =>
      deliveries.inc({ channel, kind, outcome: isAccepted ? 'accepted' : 'failed' }),
    traced: (outcome, count) => spans.inc({ outcome }, count),
    all: withChannels =>
      (registry.getMetricsAsArray().filter(metric => !isNamedWrongly(metric)) as unknown as Metric[]).filter(
        metric => withChannels || metric !== deliveries,
      ),
  }
}
