// The effects of special tags: on a scenario, on all scenarios of a file, and on the rows of a table.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from '@playwright/test'
import type { Service } from '../../fixtures/testing/service.ts'
import type { NestedResult } from '../../testing/nested-run/nested-run.ts'
import { test } from '../testing/english-fixture.ts'

/** The response to the first of two requests, which waits for the other. */
let first: ServerResponse | undefined

function answer(request: IncomingMessage, response: ServerResponse): boolean {
  const { pathname } = new URL(request.url ?? '/', 'http://service')
  if (pathname !== '/meet') return false
  if (!first) first = response
  else for (const waiting of [first, response]) waiting.end()
  return true
}

const scenarios = `Tag: @skip
Scenario: skipped
GET /not-sent/skip
Tag: @fixme
Scenario: to be mended
GET /not-sent/fixme
Tag: @fail
Scenario: fails as it has to
GET /
Status Code Should Be 404
Tag: @fail
Scenario: has to fail and does not
GET /
Status Code Should Be 200
Tag: @slow
Scenario: slow
My Timeout Is 60000 ms
Tag: @timeout:1.5s
Scenario: with a time of its own
My Timeout Is 1500 ms
Tag: @slow @timeout:1s
Scenario: slow, with a time of its own
My Timeout Is 3000 ms
Tag: @timeout:300ms
Scenario: longer than its time
I Wait For Ever
Tag: @retries:2
Scenario: passes at last
This Is Attempt 3
Tag: @retries:1
Scenario: never passes
GET /never-passes
Status Code Should Be 404
Tag: @mode:serial
Scenario: the first of a series
GET /
Status Code Should Be 404
Tag: @mode:serial
Scenario: the rest of a series
GET /not-sent/series
Scenario: without tags
My Timeout Is 20000 ms
This Is Attempt 1`

const ofFiles = {
  'all-slow.txt': `Tag Each Scenario: @slow @retries:1
Scenario: slow as its file
My Timeout Is 60000 ms
Scenario: repeated as its file
This Is Attempt 2
Tag: @retries:0 @timeout:1s
Scenario: not repeated as its file
GET /not-repeated
My Timeout Is 3000 ms
This Is Attempt 2`,
  'all-skipped.txt': 'Tag Each Scenario: @skip\nScenario: skipped as its file\nGET /not-sent/file',
  'all-failing.txt': 'Tag Each Scenario: @fail\nScenario: fails as its file\nGET /\nStatus Code Should Be 404',
  'all-serial.txt': `Tag Each Scenario: @mode:serial
Scenario: the first of a serial file
GET /
Status Code Should Be 404
Scenario: the rest of a serial file
GET /not-sent/serial-file`,
  'all-parallel.txt': `Tag Each Scenario: @mode:parallel
Scenario: meets the other one
GET /meet
Scenario: is the other one
GET /meet
Tag: @mode:default
Scenario: the first in order
GET /in-order/1
Tag: @mode:default
Scenario: the second in order
GET /in-order/2`,
}

const rows = `Tag: @fail
Scenario: failing rows
GET /
Status Code Should Be \${status}
| status |
| 404    |
| 200    |
Tag: @skip
Scenario: skipped rows
GET /not-sent/row-\${n}
| n |
| 1 |
| 2 |
Tag: @retries:1 @timeout:1s
Scenario: repeated rows
My Timeout Is 1000 ms
This Is Attempt \${attempt}
| attempt |
| 1       |
| 2       |
Tag: @slow
Scenario: slow rows
My Timeout Is \${ms} ms
| ms    |
| 60000 |
Tag: @mode:serial
Scenario: serial rows
GET /serial-row/\${status}
Status Code Should Be \${status}
| status |
| 200    |
| 404    |
| 201    |`

const sentences = `
  defineSentence('My Timeout Is {int} ms', ({ scenario: _ }, wanted) => expect(test.info().timeout).toBe(wanted)),
  defineSentence('This Is Attempt {int}', ({ scenario: _ }, wanted) => expect(test.info().retry + 1).toBe(wanted)),
  defineSentence('I Wait For Ever', () => new Promise(() => undefined)),`

test.describe('in one run', () => {
  test.describe.configure({ mode: 'default' })

  let run: NestedResult
  let service: Service

  test.beforeAll(async ({ runEnglish, startService }) => {
    service = await startService(answer)
    run = await runEnglish({
      against: service,
      files: { 'scenarios.txt': scenarios, 'rows.txt': rows, ...ofFiles },
      sentences,
      config: { workers: 2, timeout: 20_000 },
    })
  })

  const statusesOf = (titles: readonly string[]) =>
    Object.fromEntries(titles.map(title => [title, run.tests[title]?.status]))
  const sent = (path: string) => service.seen.filter(({ url }) => url === path).length

  test('of a scenario', () => {
    const expected = {
      skipped: 'skipped',
      'to be mended': 'skipped',
      'fails as it has to': 'failed',
      'has to fail and does not': 'passed',
      slow: 'passed',
      'with a time of its own': 'passed',
      'slow, with a time of its own': 'passed',
      'longer than its time': 'timedOut',
      'passes at last': 'passed',
      'never passes': 'failed',
      'the first of a series': 'failed',
      'the rest of a series': 'skipped',
      'without tags': 'passed',
    }
    expect(statusesOf(Object.keys(expected)), run.output).toEqual(expected)
    expect(run.output).not.toMatch(/\d+\) .*fails as it has to/)
    expect(run.output).toMatch(/\d+\) .*has to fail and does not[^\n]*\n+ *Expected to fail, but passed\./)
    expect(sent('/never-passes')).toBe(2)
  })

  test('of all scenarios of a file, unless a scenario has its own', () => {
    const expected = {
      'slow as its file': 'passed',
      'repeated as its file': 'passed',
      'not repeated as its file': 'failed',
      'skipped as its file': 'skipped',
      'fails as its file': 'failed',
      'the first of a serial file': 'failed',
      'the rest of a serial file': 'skipped',
      'meets the other one': 'passed',
      'is the other one': 'passed',
      'the first in order': 'passed',
      'the second in order': 'passed',
    }
    expect(statusesOf(Object.keys(expected)), run.output).toEqual(expected)
    expect(run.output).not.toMatch(/\d+\) .*fails as its file/)
    expect(sent('/not-repeated')).toBe(1)
    const worker = (title: string) => run.tests[title]?.worker
    expect(worker('meets the other one')).not.toBe(worker('is the other one'))
    expect(worker('the first in order')).toBe(worker('the second in order'))
    const inOrder = service.seen.map(({ url }) => url).filter(url => url.startsWith('/in-order'))
    expect(inOrder).toEqual(['/in-order/1', '/in-order/2'])
  })

  test('of each row of a table', () => {
    const expected = {
      'failing rows (status: 404)': 'failed',
      'failing rows (status: 200)': 'passed',
      'skipped rows (n: 1)': 'skipped',
      'skipped rows (n: 2)': 'skipped',
      'repeated rows (attempt: 1)': 'passed',
      'repeated rows (attempt: 2)': 'passed',
      'slow rows (ms: 60000)': 'passed',
      'serial rows (status: 200)': 'passed',
      'serial rows (status: 404)': 'failed',
      'serial rows (status: 201)': 'skipped',
    }
    expect(statusesOf(Object.keys(expected)), run.output).toEqual(expected)
    expect(run.output).not.toMatch(/\d+\) .*failing rows \(status: 404\)/)
    expect(run.output).toMatch(/\d+\) .*failing rows \(status: 200\)/)
  })

  test('nothing is sent by what is left out', () => {
    expect(service.seen.map(({ url }) => url).filter(url => url.startsWith('/not-sent'))).toEqual([])
  })
})

test('@only leaves out all other scenarios, rows and files', async ({ runEnglish, service }) => {
  const passing = 'Value "a" Should Be "a"'
  const { tests, output } = await runEnglish({
    against: service,
    files: {
      'scenarios.txt': `Scenario: left out
${passing}
Tag: @only
Scenario: chosen
${passing}
Tag: @only @fail
Scenario: chosen, and has to fail
Value "a" Should Be "b"
Scenario: rows that are left out
Value \${n} Should Be 1
| n |
| 1 |
Tag: @only
Scenario: chosen rows
Value \${n} Should Be \${n}
| n |
| 1 |
| 2 |`,
      'file.txt': `Tag Each Scenario: @only\nScenario: in a chosen file\n${passing}\nScenario: in it as well\n${passing}`,
      'other.txt': `Scenario: in another file\n${passing}`,
    },
  })
  expect(Object.keys(tests).sort(), output).toEqual([
    'chosen',
    'chosen rows (n: 1)',
    'chosen rows (n: 2)',
    'chosen, and has to fail',
    'in a chosen file',
    'in it as well',
  ])
  expect(output).toContain('6 passed')
})
