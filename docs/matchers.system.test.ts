/** Executes the example of matchers.md, and the matchers with a page and an app that has an N+1. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { browserUse } from '../fixtures/browser/chromium.ts'
import { test } from '../testing/nested-run/nested-run.ts'
import { root } from '../testing/project-folder.ts'
import { blocksOf } from './readme/blocks.ts'

const [example] = blocksOf(readFileSync(path.join(root, 'docs/matchers.md'), 'utf8'))

const app = `({ pool }) => async (request, response) => {
  const answer = (status, type, body) =>
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
  if (request.method === 'POST') {
    let text = ''
    for await (const chunk of request) text += chunk
    const note = JSON.parse(text)
    const { rowCount } = await pool.query(
      'insert into notes values ($1, $2) on conflict do nothing', [note.id, note.text])
    if (rowCount === 1) answer(201, 'application/json', note)
    else answer(409, 'application/problem+json', { status: 409, title: 'There is such a note' })
    return
  }
  if (request.url === '/notes') {
    answer(200, 'application/json', (await pool.query('select * from notes')).rows)
    return
  }
  const { rows } = await pool.query('select id from notes')
  for (const { id } of rows) await pool.query('select text from notes where id = $1', [id])
  answer(200, 'application/json', rows)
}`

const others = `
  import { expect, test } from './test.ts'
  test('an N+1', async ({ request, db }) => {
    await db.query("insert into notes select n, 'x' from generate_series(1, 5) n")
    await expect(() => request.get('/slow')).toRunStatements({ atMost: 3 })
  })
  test.describe(() => {
    test.use({ isolation: 'database' })
    test('in a database of its own', async ({ request, db }) => {
      await expect(() => request.get('/notes')).toRunStatements({ exactly: 1, matching: 'from notes' })
    })
  })
  test('a page', async ({ page }) => {
    const response = await page.goto('/notes')
    await expect(response).toHaveStatus(200)
    await expect(response).toRespondWithin('60s')
    await expect(response).not.toRespondWithin('0.001ms')
    await expect(response).toMatchSchema({ type: 'array' })
    await expect(response).toHaveStatus(201)
  })`

test('the matchers work in a spec', async ({ nestedRun }) => {
  const { launchOptions, browserMissing } = browserUse()
  const { tests } = await nestedRun({
    spec: '',
    app,
    files: {
      'example.spec.ts': (example?.text ?? '').replace("'reprise'", "'./test.ts'"),
      'others.spec.ts': others,
    },
    config: { use: { launchOptions, browserMissing } },
    keepsWorker: /./,
  })
  expect(tests).toMatchObject({
    'adds a note': { status: 'passed' },
    'lists the notes with one query': { status: 'passed' },
    'an N+1': {
      status: 'failed',
      errors: [
        expect.stringMatching(
          /Expected: at most 3 statements\nReceived: 6\n\n {5}5 × select text from notes where id = \$1\n {5}1 × select id from notes/,
        ),
      ],
    },
    'in a database of its own': { status: 'passed' },
    'a page': browserMissing
      ? { status: 'skipped' }
      : {
          status: 'failed',
          errors: [expect.stringMatching(/Request: {2}GET http:.*\/notes\nExpected: 201\nReceived: 200 OK/)],
        },
  })
})
