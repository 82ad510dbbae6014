/** Formats the result of a run for pipelines: JUnit's XML, and the annotations of GitHub Actions. */
import path from 'node:path'
import type { CheckDocument, RunDocument, SpecDocument } from '../monitor/replay/document.ts'

/**
 * A suite is a check, a case a spec. A check that has no spec with its outcome has a case of its own, and so have things that
 * may be left behind, unless that is allowed.
 */
export function junitText(document: RunDocument, allowLeaks: boolean): string {
  const suites = document.checks.map(check => ({ check, cases: casesOf(check, allowLeaks) }))
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element('testsuites', { name: `reprise monitor run, ${document.environment}`, ...countsOf(all) }, [
      ...suites.map(({ check: { name, durationMs }, cases }) => {
        const attributes = { name, ...countsOf(cases), time: seconds(durationMs), timestamp: document.startedAt }
        return element(
          'testsuite',
          attributes,
          cases.map(one => caseElement(one, name)),
        )
      }),
    ]),
  ].join('\n')
}

/**
 * A line for each spec, check and leak that is wrong, which GitHub shows at its place in the code. `folder`: that of the
 * configuration, relative to the repository's.
 */
export function githubText(document: RunDocument, allowLeaks: boolean, folder: string): string {
  return document.checks
    .flatMap(check => casesOf(check, allowLeaks).map(one => ({ check: check.name, ...one })))
    .filter(({ kind }) => kind === 'failure' || kind === 'error')
    .map(({ check, title, file, line, message = '', text = '' }) => {
      const place = file === undefined ? '' : `file=${property(path.posix.join(folder, file))},line=${line},`
      return `::error ${place}title=${property(`${check}: ${title}`)}::${data(text || message)}`
    })
    .join('\n')
}

interface Case {
  title: string
  kind: 'passed' | 'failure' | 'error' | 'skipped'
  file?: string
  line?: number
  durationMs?: number
  message?: string
  text?: string
}

function casesOf(check: CheckDocument, allowLeaks: boolean): Case[] {
  const { name, outcome, reason = outcome, specs, notReplayable, ledger } = check
  const cases: Case[] = [
    ...specs.map(specCase),
    ...notReplayable.map(({ title, reason }): Case => ({ title, kind: 'skipped', message: reason })),
  ]
  const kind = kindOf(outcome)
  if (kind !== 'passed' && !cases.some(one => one.kind === kind)) cases.push({ title: name, kind, message: reason })
  const left = ledger.unresolved + ledger.suspected
  if (left > 0 && !allowLeaks) {
    cases.push({ title: 'leaves nothing behind', kind: 'failure', message: `${left} possibly left behind` })
  }
  return cases
}

function specCase({ title, file, line, outcome, reason, attempts }: SpecDocument): Case {
  const error = attempts.findLast(attempt => attempt.error)?.error
  const requests = attempts.at(-1)?.requests ?? []
  const text = [
    ...(error ? [error.message] : []),
    ...requests.map(({ method, url, status, error }) => `${method} ${url}  ${status ?? error ?? 'no response'}`),
  ].join('\n')
  const kind = kindOf(outcome)
  return {
    title,
    kind,
    // Where it has failed, if that is in the spec's own file.
    ...{ file, line: error?.file === file ? (error.line ?? line) : line },
    durationMs: attempts.reduce((total, { durationMs }) => total + durationMs, 0),
    ...(kind !== 'passed' && { message: reason ?? error?.message.split('\n')[0] ?? outcome, text }),
  }
}

/** What could not be completed is an error, as it is for the exit code. */
function kindOf(outcome: CheckDocument['outcome']): Case['kind'] {
  if (outcome === 'failed') return 'failure'
  return outcome === 'error' || outcome === 'unknown' ? 'error' : 'passed'
}

const countsOf = (cases: readonly Case[]) => ({
  tests: cases.length,
  failures: cases.filter(({ kind }) => kind === 'failure').length,
  errors: cases.filter(({ kind }) => kind === 'error').length,
  skipped: cases.filter(({ kind }) => kind === 'skipped').length,
})

function caseElement({ title, kind, file, line, durationMs, message = '', text = '' }: Case, check: string): string {
  const attributes = {
    name: title,
    classname: file ?? check,
    file,
    line,
    time: durationMs === undefined ? undefined : seconds(durationMs),
  }
  return element(
    'testcase',
    attributes,
    kind === 'passed' ? [] : [element(kind, { message }, text ? [escaped(text)] : [])],
  )
}

const seconds = (ms: number) => (ms / 1000).toFixed(3)

function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: readonly string[],
): string {
  const start = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${escaped(String(value))}"`,
  )
  const inner = content.join('\n')
  return inner === '' ? `<${name}${start.join('')}/>` : `<${name}${start.join('')}>\n${inner}\n</${name}>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' }

/** XML has no way to write most control characters and lone surrogates: they are replaced. */
function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\r\n]|\p{Cs}|[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"\n]/g, character => entities[character] ?? '')
}

/** As the toolkit of GitHub Actions writes them. */
const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C')
