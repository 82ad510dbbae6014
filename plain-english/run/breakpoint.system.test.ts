// A debugger stops at a sentence, by Chrome's DevTools Protocol.
import { pathToFileURL } from 'node:url'
import { expect } from '@playwright/test'
import { WebSocket } from 'undici'
import { test } from '../../fixtures/testing/deployed-run.ts'
import { imported } from '../../testing/built/built-modules.ts'

interface Paused {
  callFrames: { location: { scriptId: string; lineNumber: number } }[]
}

test('a scenario waits at the sentence for a debugger, whose breakpoints are lines of the file', async ({
  startRun,
  startService,
}) => {
  const service = await startService()
  const run = await startRun({
    spec: '',
    files: {
      'a.txt': 'Scenario: one\nGET /user\nStatus Code Should Be 200\n  When GET /again\nStatus Code Should Be 200\n',
      'playwright.config.ts': `
        import { plainEnglish } from '${imported('plain-english/playwright/project')}'
        const file = import.meta.dirname + '/a.txt'
        process.env.REPRISE_PAUSE_AT = file + ':3'
        export default {
          workers: 1,
          timeout: 0,
          globalSetup: '${imported('postgres/global-setup')}',
          outputDir: 'test-results',
          reporter: [['line'], ['json', { outputFile: 'report.json' }]],
          projects: [{ name: 'english', ...plainEnglish({ folder: import.meta.dirname, files: '*.txt' }), use: { baseURL: ${JSON.stringify(service.url)} } }],
        }`,
    },
  })
  const file = pathToFileURL(`${run.folder}/a.txt`).href
  const address = await run.says('  ws://')
  const socket = new WebSocket(`ws://${address}`)
  const waiting: ((paused: Paused) => void)[] = []
  const urls = new Map<string, string>()
  socket.addEventListener('message', ({ data }) => {
    const { method, params } = JSON.parse(String(data))
    if (method === 'Debugger.scriptParsed') urls.set(params.scriptId, params.url)
    if (method === 'Debugger.paused') waiting.shift()?.(params)
  })
  await new Promise(resolve => socket.addEventListener('open', resolve))
  let id = 0
  const send = (method: string, params = {}) => socket.send(JSON.stringify({ id: ++id, method, params }))
  const pausedNext = () => new Promise<Paused>(resolve => waiting.push(resolve))
  const frameOf = ({ callFrames: [frame] }: Paused) => ({
    url: urls.get(frame?.location.scriptId ?? ''),
    line: (frame?.location.lineNumber ?? 0) + 1,
  })

  const first = pausedNext()
  send('Runtime.enable')
  send('Debugger.enable')
  send('Debugger.setBreakpointByUrl', { url: file, lineNumber: 3 })
  send('Runtime.runIfWaitingForDebugger')
  expect(frameOf(await first)).toEqual({ url: file, line: 3 })
  expect(service.seen.map(({ url }) => url)).toEqual(['/user'])

  const second = pausedNext()
  send('Debugger.resume')
  expect(frameOf(await second)).toEqual({ url: file, line: 4 })
  expect(service.seen.map(({ url }) => url)).toEqual(['/user'])

  send('Debugger.resume')
  // A process waits at its end for its debugger to leave.
  socket.close()
  const { tests } = await run.result()
  expect(tests).toMatchObject({ one: { status: 'passed' } })
})
