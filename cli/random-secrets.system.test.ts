/** Tests that of random secrets, on every path on which a monitor writes, no six characters are left. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import fc from 'fast-check'
import type pg from 'pg'
import { browserUse } from '../fixtures/browser/chromium.ts'
import { slack, webhook } from '../monitor/index.ts'
import { monthsAway } from '../monitor/testing/months-away.ts'
import { test as withReceiver } from '../monitor/testing/receiver-fixture.ts'
import { test as withMonitors } from '../monitor/testing/service-fixture.ts'
import { textsIn } from '../testing/nested-monitor/texts.ts'
import { randomSecret, shownForms } from '../testing/random-secret.ts'
import { soak } from '../testing/soak.ts'

const test = mergeTests(withMonitors, withReceiver)

/** What the specs do; in their texts the secret is `key`, and `at`, `size` and `long` are random numbers. */
const paths: Record<string, string> = {
  // Its alert is the first; later failures join its incident.
  'the first error, which an alert cuts': `throw new Error('no use for ' + key + 'x'.repeat(Math.max(0, 60 - at)) + key + 'y'.repeat(200))`,
  'an error message, at the cut of 10 000': `throw new Error('x'.repeat(10_000 - at) + key + 'y'.repeat(50))`,
  'a value that is thrown': `throw { key, list: [Buffer.from(key), [key]] }`,
  'a text that is thrown': `throw key`,
  'a cause': `throw new Error('outer', { cause: new Error('x'.repeat(at) + key, { cause: { key } }) })`,
  'several errors at once': `throw new AggregateError([new Error(key), key], 'all of ' + key)`,
  'an error with fields': `throw Object.assign(new Error('fields'), { name: key, response: { key } })`,
  'soft failures': `expect.soft('a ' + key).toBe('b'); expect.soft([key, { key }]).toContain('c')`,
  'a poll': `await expect.poll(() => ({ key }), { timeout: 200 }).toBe('c')`,
  'a block that is repeated': `await expect(() => { throw new Error('x'.repeat(at) + key) }).toPass({ timeout: 200 })`,
  'a snapshot': `expect('x'.repeat(at) + key).toMatchSnapshot('named.txt')`,
  'a cookie and a password': `await request.get('/', { headers: { cookie: 'sid=' + encodeURIComponent(key), authorization: 'Basic ' + Buffer.from('u'.repeat(at) + ':' + key).toString('base64') } }); expect(1).toBe(2)`,
  'a comparison': `expect('a ' + key + ' b').toBe('a ' + [...key].map((c, i) => (i % 4 === 1 ? '_' : c)).join('') + ' b')`,
  'a part in a comparison': `expect('a ' + key + ' b').not.toContain([...key].slice(3, 6).join(''))`,
  'lines in a comparison': `expect('one\\n' + key + '\\nthree').toBe('one\\n' + [...key].map((c, i) => (i % 4 === 3 ? '_' : c)).join('') + '\\n3')`,
  'objects in a comparison': `expect({ key, in: [key] }).toEqual({ key: 'other', in: [] })`,
  'bytes in a comparison': `expect(Buffer.from(key)).toEqual(Buffer.from('other'))`,
  'a body, at the cut of 1000': `expect(await request.get('/echo?text=' + encodeURIComponent('x'.repeat(1000 - at) + key + 'yyy'))).toBeOK()`,
  'a body in JSON': `expect(await (await request.get('/echo?text=' + encodeURIComponent(JSON.stringify({ key })))).json()).toBe(1)`,
  'a URL, at the cut of 200': `await request.get('/' + 'x'.repeat(Math.max(0, 150 - at)) + encodeURIComponent(key) + '/yyy'); expect(1).toBe(2)`,
  'a request that creates': `await request.post('/orders?key=' + encodeURIComponent(key), { data: { key }, headers: { 'x-key': encodeURIComponent(key) } }); expect(1).toBe(2)`,
  'a form': `await request.put('/forms', { form: { key } }); expect(1).toBe(2)`,
  'a step': `await test.step('step ' + key, () => test.step('x'.repeat(at) + key, () => expect(1, key).toBe(2)))`,
  'an annotation': `info.annotations.push({ type: 'note', description: 'about ' + key })`,
  'a skip': `test.skip(true, 'without ' + key)`,
  'text attachments': `await info.attach('a.txt', { body: 'x'.repeat(at) + key + 'y' }); await info.attach('named ' + key, { body: 'named' })`,
  'JSON attachments': `await info.attach('a.json', { body: JSON.stringify({ key, again: JSON.stringify({ key }) }), contentType: 'application/json' })`,
  'encoded attachments': `for (const encoding of ['hex', 'base64', 'base64url']) await info.attach(encoding, { body: Buffer.from('x'.repeat(at) + key).toString(encoding) })
    await info.attach('twice', { body: Buffer.from(Buffer.from('x'.repeat(at) + key).toString('base64')).toString('base64') })`,
  'binary attachments': `const { gzipSync } = await import('node:zlib')
    await info.attach('bytes', { body: Buffer.concat([Buffer.from([0, 255, 1]), Buffer.from(key), Buffer.from([0, 254])]), contentType: 'application/octet-stream' })
    await info.attach('gzip', { body: gzipSync('x'.repeat(at) + key), contentType: 'application/gzip' })`,
  'archives as attachments': `const { ZipFile } = await import('yazl'), { buffer } = await import('node:stream/consumers')
    const zip = new ZipFile()
    zip.addBuffer(Buffer.from('x'.repeat(long) + key), 'inside ' + Buffer.from(key).toString('hex') + '.txt')
    zip.end()
    await info.attach('zip', { body: await buffer(zip.outputStream), contentType: 'application/zip' })`,
  'a large file': `const { writeFileSync } = await import('node:fs')
    writeFileSync(info.outputPath('large.log'), ('x'.repeat(65_536 - at) + key + 'y'.repeat(long)).repeat(3))
    await info.attach('large.log', { path: info.outputPath('large.log') })`,
  'output in one write': `console.log(key, { key }, [key], JSON.stringify({ key }), Buffer.from(key)); console.error(encodeURIComponent(key))`,
  'output in several writes': `for (const part of partsOf(key)) process.stdout.write(part)
    for (const part of bytesOf(key)) process.stderr.write(part)
    console.log()`,
  'output that is interleaved': `const [one, other] = [partsOf(key), bytesOf(key)]
    while (one.length + other.length > 0) { process.stdout.write(one.shift() ?? ''); process.stderr.write(other.shift() ?? ''); await new Promise(setImmediate) }`,
  'output of a child': `const { spawnSync } = await import('node:child_process')
    const script = 'for (const part of JSON.parse(process.argv[1])) require("fs").writeSync(1, part)'
    spawnSync(process.execPath, ['-e', script, JSON.stringify(partsOf(key))], { stdio: 'inherit' })
    console.log('after')`,
  'output at its limit': `process.stdout.write('x'.repeat(1_000_000 - at))
    for (const part of partsOf(key)) process.stdout.write(part)
    process.stdout.write('more')`,
  'output that a dying worker leaves': `for (const part of partsOf(key).slice(0, -1)) process.stdout.write(part)
    await new Promise(resolve => setTimeout(resolve, 100))
    process.exit(1)`,
  'an error outside of the test': `setImmediate(() => { throw new Error('x'.repeat(at) + key) }); await new Promise(resolve => setTimeout(resolve, 100))`,
  'a page': `await page.setContent('<p></p><input>')
    await page.locator('p').evaluate((p, key) => { p.textContent = key; p.title = key; console.log(key) }, key)
    await page.locator('input').fill(key)
    await page.getByText(key).click()
    await expect(page.getByTitle(key)).toHaveText('x'.repeat(at) + key, { timeout: 200 })`,
}

const helpers = `const partsOf = key => Array.from({ length: Math.ceil([...key].length / size) }, (_, n) => [...key].slice(n * size, n * size + size).join(''))
const bytesOf = key => Array.from({ length: Math.ceil(Buffer.byteLength(key) / size) }, (_, n) => Buffer.from(key).subarray(n * size, n * size + size))`

test('no six characters of a secret are in a report, a database, an alert, a page or a terminal', {
  tag: '@soak',
}, async ({ serve, project, startMonitor, store, emptyDatabase, receiver, second }) => {
  const seed = Number(process.env.REPRISE_SEED ?? soak({ long: Math.floor(Math.random() * 2 ** 31), short: 7 }))
  const [header = '', ...others] = fc.sample(randomSecret, { seed, numRuns: 6 })
  // The characters that HTTP allows.
  const secrets = [header.replace(/[^!-~]/g, '-'), ...others]
  const env = Object.fromEntries(secrets.map((secret, index) => [`S${index}`, secret]))
  const numbers = fc.record({
    at: fc.nat(45),
    size: fc.integer({ min: 1, max: 7 }),
    long: fc.nat(70_000),
    secret: fc.nat(5),
  })
  const drawn = fc.sample(numbers, { seed, numRuns: Object.keys(paths).length })
  const specs = Object.entries(paths).map(([name, body], index) => {
    const { at, size, long, secret } = drawn[index] ?? {}
    return `test(${JSON.stringify(name)}, async ({ request${name === 'a page' ? ', page' : ''} }, info) => {
      const [key, at, size, long] = [process.env.S${secret}, ${at}, ${size}, ${long}]
      ${helpers}
      await request.get('/')
      ${body}
      expect(key.length, 'so that it fails').toBe(at + 100)
    })`
  })
  const base = await serve((incoming, response) => {
    const text = new URL(incoming.url ?? '', 'http://a').searchParams.get('text')
    const answer = () =>
      response.writeHead(text === null ? 500 : 418, { 'content-type': 'text/plain' }).end(text ?? secrets.join('\n'))
    incoming.resume().once('end', answer)
  })
  const nested = await project(base, {
    environment: {
      writes: 'cleaned',
      headers: { authorization: 'Bearer ${secret:' + 'S0}' },
      secrets: Object.keys(env),
      cleanup: [{ create: 'POST /orders', remove: 'DELETE /orders/{body.id}' }],
    },
    defaults: { confirm: { down: 1 }, channels: ['desk', 'oncall'], timeout: '5s' },
    channels: { desk: webhook({ url: receiver.url }), oncall: slack({ url: second.url }) },
    checks: {
      ...Object.fromEntries(
        specs.map((_, index) => [`check${index}`, { specs: `${index}.spec.ts`, cron: monthsAway() }]),
      ),
      loading: { specs: 'loading.spec.ts', cron: monthsAway() },
    },
    files: {
      ...Object.fromEntries(specs.map((spec, index) => [`${index}.spec.ts`, spec])),
      'loading.spec.ts': `throw new Error('no use for ' + process.env.S1)`,
    },
    playwright: { use: { trace: 'on', ...browserUse() } },
  })
  const terminals: string[] = []
  const note = ({ stdout, stderr }: { stdout: string; stderr: string }) => terminals.push(stdout, stderr)

  note(await nested.run([], env))
  const monitor = await startMonitor(nested, {
    ...{ ...env, REPRISE_URL: 'https://status.example.com/', REPRISE_OPERATOR_TOKEN: operatorToken },
  })
  // On a busy machine 34 failing tests take longer than the limit for one expectation.
  await expect.poll(() => unreplayed(monitor.url), { timeout: 240_000 }).toEqual([])
  await expect.poll(() => undelivered(store)).toBe(0)
  note(
    await nested.start(['run', '--record', 'check0'], { ...env, REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url })
      .result,
  )
  note(await nested.start(['status'], { ...env, REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }).result)
  note(await nested.start(['status', '--json'], { ...env, REPRISE_MONITOR_DATABASE_URL: emptyDatabase.url }).result)
  const pages = await pagesFrom(monitor.url)
  monitor.process.kill('SIGTERM')
  note(await monitor.result)

  const written = {
    terminals,
    pages,
    alerts: [...receiver.received, ...second.received].map(({ body }) => body),
    database: await everythingIn(store),
    reports: await textsIn(path.join(nested.folder, '.reprise')),
    names: await readdir(path.join(nested.folder, '.reprise'), { recursive: true }),
  }
  // Everything was written.
  for (const texts of Object.values(written)) expect(texts.join('\n').length).toBeGreaterThan(1000)
  expect(written.alerts.join('\n')).toContain('no use for [S')
  for (const name of Object.keys(paths)) expect(written.reports.some(text => text.includes(name))).toBe(true)
  expect(written.reports.some(text => text.includes('after'))).toBe(true)
  const shown = Object.entries(written).flatMap(([where, texts]) =>
    [...new Set(texts)].flatMap(text =>
      secrets.flatMap(secret => shownIn(text, secret).map(form => `${where}: ${form}`)),
    ),
  )
  // Without the texts: a failure would print megabytes.
  expect(shown.slice(0, 20), `REPRISE_SEED=${seed} repeats it`).toEqual([])
})

/** The matches with some text around them, to find the path. */
function shownIn(text: string, secret: string): string[] {
  const [first] = shownForms(secret, text)
  if (first === undefined) return []
  const at = text.indexOf(first.part)
  return [`${JSON.stringify(secret)} in ${first.form}: …${text.slice(Math.max(0, at - 200), at + 60)}…`]
}

const operatorToken = 'token-of-the-operators'
/** They see everything. */
const asOperator = { authorization: `Bearer ${operatorToken}` }

async function unreplayed(url: string): Promise<string[]> {
  const { checks } = await (await fetch(new URL('/api/checks', url), { headers: asOperator })).json()
  const left = checks.filter(({ lastReplay }: { lastReplay: unknown }) => !lastReplay)
  return left.map(({ name }: { name: string }) => name)
}

async function undelivered(store: pg.Pool): Promise<number> {
  const { rows } = await store.query('select count(*)::int from reprise.outbox where delivered_at is null')
  return rows[0].count
}

async function pagesFrom(url: string): Promise<string[]> {
  const home = await (await fetch(url, { headers: asOperator })).text()
  const links = [...home.matchAll(/href="(\/[^"]+)"/g)].map(([, link = '']) => link)
  const rest = await Promise.all(
    [...new Set([...links, '/api/checks'])].map(async link =>
      (await fetch(new URL(link, url), { headers: asOperator })).text(),
    ),
  )
  return [home, ...rest]
}

async function everythingIn(store: pg.Pool): Promise<string[]> {
  const { rows } = await store.query<{ name: string }>(
    "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'reprise' and table_type = 'BASE TABLE'",
  )
  const all = await Promise.all(
    rows.map(({ name }) => store.query<{ row: string }>(`select t::text as row from reprise.${name} t`)),
  )
  return all.flatMap(({ rows }) => rows.map(({ row }) => row))
}
