// Runs published suites of other tools in English, in one run, against a service that answers as theirs do.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { browserUse, findChromium } from '../../fixtures/browser/chromium.ts'
import { Vocabulary } from '../../plain-english/compile/vocabulary.ts'
import { readEnvironments } from '../../plain-english/import/environment.ts'
import { importText } from '../../plain-english/import/import-text.ts'
import { type Written, writeScenarios } from '../../plain-english/import/write-scenarios.ts'
import { builtInSentences } from '../../plain-english/sentences/built-in.ts'
import { test } from '../../plain-english/testing/english-fixture.ts'
import { startPostmanEcho } from './postman-echo.ts'
import type { PublishedService } from './published-service.ts'
import { startPublishedService } from './service.ts'

const inFolder = (...names: string[]) => path.join(import.meta.dirname, ...names)
const contentOf = (...names: string[]) => readFileSync(inFolder(...names), 'utf8')

const suites = readdirSync(inFolder('suites')).filter(name => name.endsWith('.txt'))
const ofPages = suites.filter(name => name.startsWith('robot-browser-'))

let service: PublishedService
let echo: PublishedService

test.beforeAll(async () => {
  service = await startPublishedService()
  echo = await startPostmanEcho()
})

test.afterAll(async () => {
  await service.close()
  await echo.close()
})

/** Sends the requests of a suite to the services of this test. */
const redirected = (text: string) =>
  text.replaceAll('https://postman-echo.com', echo.url).replaceAll('https://httpbin.org', '')

test('transcribed and imported suites pass, and scenarios that expect a failure fail', async ({ runEnglish }) => {
  const hasBrowser = findChromium() !== undefined
  const transcribed = suites.filter(name => hasBrowser || !ofPages.includes(name))
  const collection = imported('echo.postman_collection.json', 'echo.postman_environment.json')
  const requests = imported('cookies.http', 'http-client.env.json', 'local')
  expect([collection, requests].map(({ left }) => left)).toEqual([[], []])
  const { exitCode, output, tests } = await runEnglish({
    against: service,
    files: {
      ...Object.fromEntries(transcribed.map(name => [`suites/${name}`, redirected(contentOf('suites', name))])),
      'suites/shared/two-cats.txt': contentOf('suites', 'shared', 'two-cats.txt'),
      'suites/imported-collection.txt': collection.text,
      'suites/imported-requests.txt': requests.text,
    },
    options: { files: 'suites/*.txt', allow: [echo.url] },
    config: { use: browserUse(), workers: 2, fullyParallel: true },
    env: { PASS: 'word-4711', PASSWORD: 'password', CLIENT_SECRET: 'a-secret', TOKEN: 'a-token', FOO: '', BAR: '' },
  })
  expect(exitCode, output).toBe(0)
  const failed = Object.entries(tests).flatMap(([title, { status }]) => (status === 'passed' ? [] : [title]))
  // Robot Framework's `Run Keyword And Expect Error`.
  const ofBrowser = [
    'a checkbox that does not exist',
    'a checkbox that is checked, not unchecked',
    'a checkbox that is checked, not unchecked, with a message',
    'checking one of several',
    'options that are not all selected',
    'selecting in a list that does not exist',
    'selecting nothing in a list that does not exist',
    'the options of a list that does not exist',
    'the state of one of several',
    'unchecking one of several',
    'unchecking the first of several, which is no checkbox',
  ]
  const expected = [
    'another status than the expected one fails',
    // It is not signed.
    'Auth: Others / OAuth1.0 Verify Signature',
    ...(hasBrowser ? ofBrowser : []),
  ]
  expect(failed.sort()).toEqual(expected.sort())
  expect(output).not.toContain('skipped')
})

function imported(file: string, environment: string, name?: string): Written {
  const values = readEnvironments([{ file: environment, content: contentOf('imported', environment) }], name)
  return writeScenarios(importText(contentOf('imported', file), file, values), file, new Vocabulary(builtInSentences))
}
