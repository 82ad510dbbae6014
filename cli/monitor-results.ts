/** Formats the result of a run for a terminal. */
import type { CheckDocument, RunDocument, SpecDocument } from '../monitor/replay/document.ts'
import type { Outcome } from '../monitor/verdict/finding.ts'
import { type Paint, painter } from './colours.ts'

/** The maximum length of an error's message, in lines. */
const longest = 20

export function resultText(document: RunDocument, colours: boolean): string {
  const paint = painter(colours)
  const width = Math.max(0, ...document.checks.map(({ name }) => name.length))
  const lines = document.checks.flatMap(check => checkLines(check, width, paint))
  if (document.checks.length === 0) lines.push('There are no checks.')
  return [...lines, ...(document.report === null ? [] : ['', `Report: ${document.report}`])].join('\n')
}

function checkLines(check: CheckDocument, width: number, paint: Paint): string[] {
  const { name, outcome, reason, specs, notReplayable, ledger, durationMs, versions = [] } = check
  const [first = '', ...more] =
    (reason === 'no specs' ? 'no specs: run monitor validate for the reason' : reason)?.split('\n') ?? []
  const left = ledger.unresolved + ledger.suspected
  const counts = [
    `${specs.length} ${specs.length === 1 ? 'spec' : 'specs'}`,
    `${durationMs} ms`,
    ...(versions.length > 0 ? [`version ${versions.join(', ')}`] : []),
    ...(ledger.removed > 0 ? [`${ledger.removed} removed`] : []),
    ...(ledger.unverified > 0 ? [`${ledger.unverified} removed but not verified`] : []),
    ...(left > 0 ? [paint('red', `${left} possibly left behind`)] : []),
  ]
  return [
    `${name.padEnd(width)}  ${paint(colourOf[outcome], outcome.padEnd(7))}  ${paint('grey', counts.join(', '))}${first && `  ${first}`}`,
    ...more.map(line => `    ${line}`),
    ...specs.filter(spec => spec.outcome !== 'passed' && !isUntried(spec)).flatMap(spec => specLines(spec, paint)),
    ...untriedLines(specs.filter(isUntried), specs.length, paint),
    ...notReplayable.map(({ title, reason }) => paint('grey', `  not replayed: ${title} (${reason})`)),
  ]
}

function isUntried({ outcome, attempts }: SpecDocument): boolean {
  return outcome === 'unknown' && attempts.length === 0
}

/** A line for each reason, except that of the whole check, which is printed already. */
function untriedLines(untried: readonly SpecDocument[], all: number, paint: Paint): string[] {
  const counts = new Map<string | undefined, number>()
  for (const { reason } of untried) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count < all)
    .map(([reason, count]) => `  ${paint('yellow', 'not tried')}  ${count} of ${all} specs: ${reason}`)
}

function specLines({ title, file, line, outcome, reason, attempts }: SpecDocument, paint: Paint): string[] {
  // An attempt that ended with an error of the monitor says nothing about why a spec is flaky or slow.
  const shown = outcome === 'flaky' ? 'failed' : outcome
  const error = attempts.findLast(attempt => attempt.outcome === shown && attempt.error)?.error
  const message = error?.message.split('\n') ?? []
  const requests = outcome === 'failed' ? (attempts.at(-1)?.requests ?? []) : []
  return [
    `  ${paint(colourOf[outcome], outcome)}  ${file}:${line} › ${title}${reason && reason !== message[0] ? `: ${reason}` : ''}`,
    ...(outcome === 'unknown'
      ? []
      : withoutCallLog(message)
          .slice(0, longest)
          .map(line => `      ${line}`)),
    ...(error?.file ? [paint('grey', `      at ${error.file}:${error.line}`)] : []),
    ...requests.map(({ method, url, status, error, totalMs }) =>
      paint('grey', `      ${method} ${url}  ${status ?? error ?? 'no response'}  ${Math.round(totalMs)} ms`),
    ),
  ]
}

// The requests are printed below, and the report has the whole log.
function withoutCallLog(message: readonly string[]): readonly string[] {
  const start = message.findIndex(line => /^Call log:/.test(line))
  return start > 0 && message[0]?.includes('apiRequestContext.') ? message.slice(0, start) : message
}

const colourOf: Record<Outcome, 'green' | 'yellow' | 'red'> = {
  passed: 'green',
  flaky: 'yellow',
  slow: 'yellow',
  unknown: 'yellow',
  failed: 'red',
  error: 'red',
}
