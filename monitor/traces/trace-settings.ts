/** Reads OpenTelemetry's environment variables, as far as the exporter itself does not. */

export interface ExportOptions {
  /** How long the export of a batch is tried, in milliseconds. */
  timeoutMs: number
  /** How many spans may wait. */
  mostWaiting: number
}

export type ReadTraceSettings =
  | { options: ExportOptions }
  /** Why nothing can be exported, although it is wanted. */
  | { fault: string }
  | { isOff: true }

const usualTimeoutMs = 5000
/** A command that has ended must not wait longer for a receiver. */
const longestTimeoutMs = 10_000
/** A run with 20 attempts of 1000 requests; about 20 MB. */
const usuallyWaiting = 20_000

export function readTraceSettings(env: NodeJS.ProcessEnv): ReadTraceSettings {
  const first = (...names: string[]) => names.find(name => env[name]?.trim())
  const urlName = first('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT')
  const isOff = env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER?.trim() === 'none'
  if (urlName === undefined || isOff) return { isOff: true }
  // Its value may have a password.
  if (!/^https?:$/.test(protocolOf(env[urlName]))) return { fault: `${urlName} is not an http or https URL` }
  const protocolName = first('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL')
  const protocol = protocolName && env[protocolName]?.trim()
  if (protocol && protocol !== 'http/protobuf') {
    return {
      fault: `${protocolName} is ${JSON.stringify(protocol)}, but they are exported by http/protobuf only. Set it to http/protobuf, and the endpoint to the collector's port for it, which usually is 4318`,
    }
  }
  const timeoutName = first('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT')
  return {
    options: {
      timeoutMs: Math.min(countIn(timeoutName && env[timeoutName]) ?? usualTimeoutMs, longestTimeoutMs),
      mostWaiting: countIn(env.OTEL_BSP_MAX_QUEUE_SIZE) ?? usuallyWaiting,
    },
  }
}

function protocolOf(url = ''): string {
  return URL.canParse(url.trim()) ? new URL(url.trim()).protocol : ''
}

/** Undefined for what is no positive number. */
function countIn(text = ''): number | undefined {
  const number = Number(text.trim())
  return number >= 1 ? Math.floor(number) : undefined
}
