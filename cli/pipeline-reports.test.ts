import type { CheckDocument, RunDocument } from '../monitor/replay/document.ts'
import { expect, test } from '../testing/test.ts'
import { githubText, junitText } from './pipeline-reports.ts'

const request = { method: 'POST', url: 'https://api.example.com/users', status: 500, firstByteMs: 20, totalMs: 22 }
const nothing = { removed: 0, unverified: 0, unresolved: 0, suspected: 0 }

const check = (changes: Partial<CheckDocument>): CheckDocument => ({
  name: 'users',
  outcome: 'passed',
  replay: 'r',
  durationMs: 1234,
  specs: [],
  notReplayable: [],
  ledger: nothing,
  ...changes,
})

const run = (...checks: CheckDocument[]): RunDocument => ({
  version: 1,
  exitCode: 1,
  run: 'run',
  environment: 'staging',
  startedAt: '2027-03-01T00:00:00.000Z',
  checks,
  report: null,
})

const failing = check({
  outcome: 'failed',
  specs: [
    { title: 'lists', file: 'e2e/a.spec.ts', line: 3, outcome: 'flaky', attempts: [] },
    {
      title: 'stores "a" & <b>',
      file: 'e2e/a.spec.ts',
      line: 12,
      outcome: 'failed',
      attempts: [
        {
          outcome: 'failed',
          durationMs: 31,
          error: { message: 'Expected: 201\nReceived: 500\u0000', file: 'e2e/a.spec.ts', line: 14 },
          requests: [request],
        },
      ],
    },
  ],
  notReplayable: [{ title: 'rolls back', reason: 'needs db' }],
})

test('JUnit: a suite a check, a case a spec, with the error and the requests', () => {
  expect(junitText(run(failing), false)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="reprise monitor run, staging" tests="3" failures="1" errors="0" skipped="1">
<testsuite name="users" tests="3" failures="1" errors="0" skipped="1" time="1.234" timestamp="2027-03-01T00:00:00.000Z">
<testcase name="lists" classname="e2e/a.spec.ts" file="e2e/a.spec.ts" line="3" time="0.000"/>
<testcase name="stores &quot;a&quot; &amp; &lt;b&gt;" classname="e2e/a.spec.ts" file="e2e/a.spec.ts" line="14" time="0.031">
<failure message="Expected: 201">
Expected: 201&#10;Received: 500\uFFFD&#10;POST https://api.example.com/users  500
</failure>
</testcase>
<testcase name="rolls back" classname="users">
<skipped message="needs db"/>
</testcase>
</testsuite>
</testsuites>`)
})

test('JUnit: a check without a result, and possible leaks, are cases of their own', () => {
  const lost = check({ outcome: 'error', reason: 'the specs do not compile' })
  const leaking = check({ name: 'orders', ledger: { ...nothing, suspected: 2 } })
  const xml = junitText(run(lost, leaking), false)
  expect(xml).toContain('<testcase name="users" classname="users">\n<error message="the specs do not compile"/>')
  expect(xml).toContain(
    '<testcase name="leaves nothing behind" classname="orders">\n<failure message="2 possibly left behind"/>',
  )
  expect(junitText(run(leaking), true)).toContain('tests="0" failures="0"')
})

test('GitHub: an annotation at the line that has failed', () => {
  expect(githubText(run(failing), false, 'packages/api')).toBe(
    '::error file=packages/api/e2e/a.spec.ts,line=14,title=users%3A stores "a" & <b>::' +
      'Expected: 201%0AReceived: 500\u0000%0APOST https://api.example.com/users  500',
  )
  expect(githubText(run(check({})), false, '')).toBe('')
})
