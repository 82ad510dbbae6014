import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { test } from '../../testing/nested-monitor/nested-monitor.ts'
import { textsIn } from '../../testing/nested-monitor/texts.ts'

test('a secret is in no report, no output and no log', async ({ serve, project }) => {
  const canary = 'canary/4711+="x'
  const base = await serve((request, response) => {
    response.setHeader('set-cookie', `session=${encodeURIComponent(canary)}; Path=/`)
    if (request.method === 'GET') response.end(request.headers.authorization)
    // What it may have created stays in the ledger, and is reported.
    else request.resume().once('end', () => response.writeHead(500).end(canary))
  })
  const monitor = await project(base, {
    environment: { writes: 'cleaned', headers: { authorization: 'Bearer ${secret:' + 'CANARY}' } },
    defaults: { retries: 1 },
    // A name that is the beginning of a secret is not redacted.
    checks: { canary: { specs: 'a.spec.ts' } },
    files: {
      'a.spec.ts': `test('tells', async ({ request }, info) => {
        const body = await (await request.get('/?key=' + encodeURIComponent(process.env.CANARY))).text()
        console.log(body, Buffer.from(body).toString('base64'))
        await info.attach('log', { body: JSON.stringify({ body, encoded: Buffer.from(body).toString('base64') }) })
        const cookie = 'own=' + encodeURIComponent(process.env.CANARY)
        await request.post('/orders?key=' + encodeURIComponent(process.env.CANARY), { data: { body }, headers: { cookie } })
        await request.put('/forms', { form: { body } })
        await info.attach('environment', { body: JSON.stringify(process.env) })
        const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.from(['what a page', 'has shown'].join(' '))])
        await info.attach('picture', { body: png, contentType: 'image/png' })
        expect(body).toBe('nothing')
      })`,
    },
    playwright: { use: { trace: 'on' } },
  })
  const { code, stdout, stderr, document } = await monitor.run([], { CANARY: canary })
  expect({ code, name: document.checks[0]?.name }).toEqual({ code: 1, name: 'canary' })
  expect(stdout).toContain('[CANARY]')
  const texts = await textsIn(path.join(monitor.folder, '.reprise'))
  expect(stderr).toContain('Possible leak in production: POST ')
  expect(await readdir(path.join(monitor.folder, '.reprise/ledger'))).not.toEqual([])
  // The report's own pages, the trace's network, and what was printed, attached and compared.
  for (const shown of ['tells', 'authorization', 'Bearer [CANARY]', 'set-cookie', '/orders?key=']) {
    expect(texts.some(text => text.includes(shown))).toBe(true)
  }
  const everything = [stdout, stderr, ...texts].join('\n')
  const forms = {
    raw: canary,
    JSON: JSON.stringify(canary).slice(1, -1),
    URL: encodeURIComponent(canary),
    base64: Buffer.from(`Bearer ${canary}`).toString('base64').slice(12, -4),
  }
  expect(everything.includes('what a page has shown')).toBe(false)
  // Not the texts themselves: a failure would print megabytes.
  expect(Object.entries(forms).filter(([, form]) => everything.includes(form))).toEqual([])

  const unset = await monitor.start(['run', '--json']).result
  expect(unset.code).toBe(2)
  expect(JSON.parse(unset.stdout).faults).toMatchObject([{ path: 'environments.production.headers.authorization' }])
  expect(unset.stderr).toContain('the secret CANARY is not set: set the environment variable CANARY')
})

test('the error of a spec that cannot be loaded is reported without its secrets', async ({ project }) => {
  const monitor = await project('http://127.0.0.1:1', {
    environment: { headers: { authorization: '${secret:' + 'CANARY}' } },
    checks: { users: { specs: 'a.spec.ts' } },
    files: { 'a.spec.ts': "throw new Error('no use for ' + process.env.CANARY)" },
  })
  for (const command of ['run', 'validate']) {
    const { code, stdout, stderr } = await monitor.start([command, '--json'], { CANARY: 'canary-4711' }).result
    expect(code).toBe(2)
    expect(stdout).toContain('no use for [CANARY]')
    expect(stdout + stderr).not.toContain('canary-4711')
  }
})
