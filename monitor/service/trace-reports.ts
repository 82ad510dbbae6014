/** Reports what becomes of the spans of replays: counts all of them, and logs once that they are dropped. */
import type { OwnMetrics } from '../metrics/own-metrics.ts'
import type { TraceReports } from '../traces/span-export.ts'

interface Watched {
  onError(error: Error): void
  onDone(): void
}

/** A receiver that hangs has several reasons in turn: no answer, and the spans that wait for it. The first is logged. */
export function traceReports(
  { onError, onDone }: Watched,
  metrics: Pick<OwnMetrics, 'traced'> | undefined,
): TraceReports {
  let areDropped = false
  return {
    onExported(spans) {
      metrics?.traced('exported', spans)
      areDropped = false
      onDone()
    },
    onDropped(spans, reason) {
      metrics?.traced('dropped', spans)
      if (!areDropped) onError(reason)
      areDropped = true
    },
  }
}
