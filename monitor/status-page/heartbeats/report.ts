/** Reads a report of a heartbeat from a request. */
import type { HeartbeatReport } from '../../store/heartbeat-reports.ts'

export interface ReportPath {
  name: string
  /** `start`, `fail`, or an exit code; absent: it has worked. */
  event?: string
}

/** Of its output, in characters: the end, where errors stand. */
const keptOutput = 10_000
const keptLine = 300

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Returns a text, which names the fault, for a request that is no report. */
export function reportOf(
  { name, event }: ReportPath,
  { rid }: Readonly<Record<string, unknown>>,
  body: Buffer,
  redact: (text: string) => string,
): HeartbeatReport | string {
  if (rid !== undefined && !(typeof rid === 'string' && uuid.test(rid))) return 'Write a UUID as rid.'
  const code = event !== undefined && /^\d{1,3}$/.test(event) ? Number(event) : undefined
  const isKnown = event === undefined || event === 'start' || event === 'fail' || (code !== undefined && code <= 255)
  if (!isKnown) return 'Write start, fail or an exit code from 0 to 255 after the name, or nothing.'
  const about = { check: name, rid: typeof rid === 'string' ? rid.toLowerCase() : '' }
  if (event === 'start') return { ...about, kind: 'start' }
  const output = outputOf(body, redact)
  const kept = { ...about, ...(output !== undefined && { output }) }
  if (event === undefined || code === 0) return { ...kept, kind: 'passed' }
  const what = code === undefined ? 'The job reported a failure' : `The job ended with exit code ${code}`
  const line = lastLine(output)
  return { ...kept, kind: 'failed', reason: line === undefined ? `${what}.` : `${what}: ${line}` }
}

/** Redacted whole first: the end may begin within a secret. */
function outputOf(body: Buffer, redact: (text: string) => string): string | undefined {
  if (body.length === 0) return undefined
  const text = redact(body.toString('utf8')).replace(passwordInUrl, '$1[redacted]@').trimEnd()
  return text === '' ? undefined : text.slice(-keptOutput)
}

// Bounded: of a long text without a match each place is tried.
const passwordInUrl = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]{0,200}:)\S{1,500}@/gi

function lastLine(text: string | undefined): string | undefined {
  const line = text
    ?.split(/[\r\n]+/)
    .findLast(each => each.trim() !== '')
    ?.trim()
  return line === undefined || line.length <= keptLine ? line : `${line.slice(0, keptLine)}…`
}
