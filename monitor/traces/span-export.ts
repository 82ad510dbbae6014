/** Sends spans by OpenTelemetry's SDK, and counts those that are sent or dropped. Loaded only where it is used. */
import { setTimeout as pause } from 'node:timers/promises'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions'
import type { RunDocument } from '../replay/document.ts'
import { spansOf } from './replay-spans.ts'
import type { ExportOptions } from './trace-settings.ts'

export interface TraceExport {
  /** Queues the spans of a run; what is too many is dropped. Neither waits nor throws. */
  take(document: RunDocument): void
  /** Sends what waits, for at most 5 seconds. What is left then is dropped. */
  close(): Promise<void>
}

/** What happens to spans; called by the export itself, later. */
export interface TraceReports {
  onExported(spans: number): void
  onDropped(spans: number, reason: Error): void
}

/** How long the last spans are sent for, in milliseconds. */
const lastFlushMs = 5000

export function startExport({ timeoutMs, mostWaiting }: ExportOptions, reports: TraceReports): TraceExport {
  // It reads the endpoint, headers, certificates and compression from the environment variables.
  const batchSize = Math.min(512, mostWaiting)
  // The last flush sends all batches at once.
  const concurrencyLimit = Math.ceil(mostWaiting / batchSize) + 2
  const sender = new OTLPTraceExporter({ timeoutMillis: timeoutMs, concurrencyLimit })
  let [waiting, sending] = [0, 0]
  const exporter: SpanExporter = {
    export(spans, done) {
      waiting -= spans.length
      sending += spans.length
      sender.export(spans, result => {
        sending -= spans.length
        if (result.code === 0) reports.onExported(spans.length)
        else reports.onDropped(spans.length, explained(result.error))
        // A failure is reported; the processor would only log it.
        done({ code: 0 })
      })
    },
    shutdown: () => sender.shutdown(),
  }
  const processor = new BatchSpanProcessor(exporter, {
    maxQueueSize: mostWaiting,
    maxExportBatchSize: batchSize,
    // Not that of OTEL_BSP_EXPORT_TIMEOUT, which would reject.
    exportTimeoutMillis: timeoutMs + 1000,
  })
  const resource = resourceOf()
  return {
    take(document) {
      let spans: ReadableSpan[]
      try {
        spans = spansOf(document, resource)
      } catch (error) {
        // The results of the run do not depend on its traces.
        const attempts = document.checks.flatMap(({ specs }) => specs.flatMap(({ attempts }) => attempts))
        reports.onDropped(attempts.length, error as Error)
        return
      }
      let dropped = 0
      for (const span of spans) {
        if (waiting >= mostWaiting) dropped++
        else {
          waiting++
          processor.onEnd(span)
        }
      }
      if (dropped > 0) reports.onDropped(dropped, new Error(`${mostWaiting} spans wait already`))
    },
    async close() {
      const late = pause(lastFlushMs, true, { ref: false })
      const isLate = await Promise.race([
        processor.shutdown().then(
          () => false,
          () => true,
        ),
        late,
      ])
      const left = waiting + sending
      if (isLate && left > 0) reports.onDropped(left, new Error(`no answer within ${lastFlushMs / 1000} seconds`))
    },
  }
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES take precedence. */
function resourceOf(): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: 'reprise' }))
    .merge(detectResources({ detectors: [envDetector] }))
}

/** An error with a message, without the body of the response. */
function explained(error: (Error & { code?: unknown }) | undefined): Error {
  const { message = '', code } = error ?? {}
  const known = code === undefined || message.includes(String(code)) ? [] : [String(code)]
  return new Error([...known, ...(message ? [message] : [])].join(' ') || 'an unknown error')
}
