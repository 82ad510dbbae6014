/** Tests what the listener of reports serves, and to whom, over HTTP. */
import { once } from 'node:events'
import { symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { expect } from '@playwright/test'
import { test, writePage } from '../testing/reports-fixture.ts'
import { readReportKey, reportTokens } from './report-tokens.ts'

const run = '20261130T001146Z-a1b2c3d4e5f6'

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends a path as it is: `fetch` would resolve its dots. */
async function get(url: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const sent = request({ hostname, port, path, headers, method }).end()
  const [response] = await once(sent, 'response')
  let body = ''
  for await (const part of response.setEncoding('latin1')) body += part
  return { status: response.statusCode, headers: response.headers, body }
}

test('an operator is sent to a path that cannot be guessed, and nothing else is served', async ({
  folder,
  serveReports,
  pool,
}) => {
  const place = await writePage(folder, run, {
    'data/0a1b.html': '<script>evil</script>',
    'data/0a1b.js': 'evil()',
    'data/0a1b.exe': 'MZ',
    'data/0a1b.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'trace/index.html': '<!doctype html><script>inline()</script><script type="module" src="./a.js"></script>',
    'trace/a.js': 'export {}',
    'outcomes.json': '{}',
  })
  await writeFile(path.join(folder, 'secret.txt'), 'secret')
  await symlink(path.join(folder, 'secret.txt'), path.join(place, 'data/link.txt'))
  await symlink(folder, path.join(place, 'linked'))
  const served = await serveReports({ folder })
  const redirect = await get(served.url, `/reports/${run}`)
  expect(redirect.status).toBe(303)
  const url = new URL(String(redirect.headers.location))
  const headers = { host: url.host }
  const at = (rest: string, base = url.pathname) => get(served.reportsUrl, `${base}${rest}`, headers)

  const page = await at('')
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  })
  for (const header of ['set-cookie', 'access-control-allow-origin', 'x-powered-by']) {
    expect(page.headers[header]).toBeUndefined()
  }
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain(`connect-src ${url.href} `)
  expect(policy).toContain("frame-ancestors 'self'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe|\*/)
  expect(String((await at('trace/index.html')).headers['content-security-policy'])).toMatch(
    /script-src [^ ]+ 'sha256-[\w+/]{43}=';/,
  )

  // What specs attach is shown, and runs nothing.
  for (const [name, type] of [
    ['data/0a1b.html', 'text/html; charset=utf-8'],
    ['data/0a1b.js', 'text/plain; charset=utf-8'],
    ['data/0a1b.exe', 'application/octet-stream'],
    ['data/0a1b.svg', 'image/svg+xml'],
  ] as const) {
    const { status, headers } = await at(name)
    expect([name, status, headers['content-type']]).toEqual([name, 200, type])
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';.* sandbox$/)
  }
  expect((await at('data/0a1b.exe')).headers['content-disposition']).toBe('attachment')

  const outside = [
    '../../../secret.txt',
    '%2e%2e/%2e%2e/%2e%2e/secret.txt',
    '..%2f..%2f..%2fsecret.txt',
    '%252e%252e%252f%252e%252e%252fsecret.txt',
    '..\\..\\..\\secret.txt',
    '..%5c..%5c..%5csecret.txt',
    'index.html%00.txt',
    'index.html%',
    '/index.html',
    path.join(folder, 'secret.txt'),
    encodeURIComponent(path.join(folder, 'secret.txt')),
    'data/link.txt',
    'linked/secret.txt',
    'data',
    'data/',
    'data/../../../../secret.txt',
    'outcomes.json',
    '__proto__',
    'constructor',
  ]
  for (const name of outside) {
    const { status, body, headers } = await at(name)
    expect([name, status]).toEqual([name, 404])
    expect(body).not.toContain('secret')
    expect(headers['content-security-policy']).toContain('sandbox')
  }

  // Other paths: without the token, of another run, of another key, at another origin, with another method.
  const [, token = ''] = url.pathname.split('/')
  const other = '20261130T001147Z-a1b2c3d4e5f6'
  await writePage(folder, other)
  const tokens = reportTokens(await readReportKey(pool))
  const forged = reportTokens(Buffer.alloc(32)).of(run, Date.now())
  const [hour = '', mac = ''] = token.split('-')
  for (const base of [
    '/',
    `/${run}/`,
    `/${token}/`,
    `/${token}/${other}/`,
    `/${forged}/${run}/`,
    `/${token.slice(0, -1)}/${run}/`,
    `/${(Number.parseInt(hour, 36) + 1).toString(36)}-${mac}/${run}/`,
    `/${hour}-${'0'.repeat(40)}/${run}/`,
    `//${token}/${run}/`,
    `/../${token}/${run}/`,
    `/${token}/..%2f${other}/`,
  ]) {
    expect([base, (await at('', base)).status]).toEqual([base, 404])
  }
  for (const host of [served.reportsUrl.slice(7), `${tokens.label(other)}.localhost:${url.port}`]) {
    expect([host, (await get(served.reportsUrl, url.pathname, { host })).status]).toEqual([host, 404])
  }
  // A name that another site has pointed here; also without a token, so that it does not find out what this is.
  for (const host of ['evil.example', `${url.hostname}.evil.example`, 'localhost.evil.example:3101', 'a@localhost']) {
    for (const path of [url.pathname, '/']) {
      expect([host, path, (await get(served.reportsUrl, path, { host })).status]).toEqual([host, path, 421])
    }
  }
  expect((await get(served.reportsUrl, url.pathname, headers, 'POST')).status).toBe(405)
  const expired = tokens.of(run, Date.now() - 20 * 3_600_000)
  expect(await at('', `/${expired}/${run}/`)).toMatchObject({ status: 410, body: expect.stringContaining('expired') })
  expect(served.errors).toEqual([])
})

test('the public is shown neither a report nor whether there is one, and an operator why there is none', async ({
  folder,
  serveReports,
  pool,
}) => {
  await writePage(folder, run)
  const served = await serveReports({ folder })
  served.viewer = { kind: 'public' }
  for (const path of [`/reports/${run}`, `/reports/${run}/evidence.zip`, '/reports/none']) {
    expect(await get(served.url, path)).toMatchObject({ status: 404, body: expect.stringContaining('does not exist') })
  }
  served.viewer = { kind: 'operator', name: 'ada' }
  const old = '20200101T000000Z-a1b2c3d4e5f6'
  const recent = `${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')}-a1b2c3d4e5f6`
  const pruned = `${recent}f`
  await pool.query(
    `insert into reprise.evidence (run, store, place, bytes, created_at, removed_at)
     values ($1, 'postgres', '1', 1, now(), '2026-01-02 03:04:05Z')`,
    [pruned],
  )
  const pages: [string, number, string][] = [
    [old, 410, 'The report was removed'],
    [pruned, 410, '2026-01-02 03:04:05 UTC'],
    [recent, 404, 'No test of it was started'],
    ['..%2f..', 404, 'There is no report of this run'],
    ['%3Cscript%3E', 404, '&lt;script&gt;'],
  ]
  for (const [name, status, text] of pages) {
    expect(await get(served.url, `/reports/${name}`)).toMatchObject({ status, body: expect.stringContaining(text) })
  }
  const broken = `${recent}e`
  await writePage(folder, broken, { 'evidence.zip': 'no archive' })
  expect(await get(served.url, `/reports/${broken}`)).toMatchObject({
    status: 500,
    body: expect.stringContaining('could not be made'),
  })
  expect(await get(served.url, `/reports/${broken}/evidence.zip`)).toMatchObject({
    status: 200,
    headers: { 'content-disposition': `attachment; filename="${broken}.zip"`, 'content-type': 'application/zip' },
    body: 'no archive',
  })
})

test('where browsers show no traces, or do not reach the reports, the page offers the evidence', async ({
  folder,
  serveReports,
}) => {
  await writePage(folder, run)
  // A page without its archive, as `monitor run` leaves it.
  const plain = await serveReports({ folder, publicUrl: () => 'http://reports.example.com' })
  const page = await get(plain.url, `/reports/${run}`)
  expect(page.status).toBe(200)
  expect(page.body).toContain('only over https')
  expect(page.body).not.toContain('/evidence.zip')
  const [, link = ''] = /href="(http:[^"]+)"/.exec(page.body) ?? []
  expect(link).toMatch(/^http:\/\/reports\.example\.com\/[0-9a-z]+-[0-9a-f]{40}\//)
  // Reports that share an origin open no windows, which they could read.
  const { pathname, host } = new URL(link)
  const shown = await get(plain.reportsUrl, pathname)
  expect(shown.status).toBe(200)
  expect((await get(plain.reportsUrl, pathname, { host })).status).toBe(200)
  expect((await get(plain.reportsUrl, pathname, { host: 'evil.example' })).status).toBe(421)
  expect(shown.headers['content-security-policy']).not.toContain('allow-popups')

  const local = await serveReports({ folder })
  const elsewhere = await get(local.url, `/reports/${run}`, { host: 'status.example.com' })
  expect(elsewhere.status).toBe(200)
  expect(elsewhere.body).toContain('cannot be opened from here')
})

test('a client that sends too much or too slowly is answered, and does not keep others waiting', async ({
  folder,
  serveReports,
}) => {
  await writePage(folder, run)
  const serverLimits = { headersMs: 100, requestMs: 400, idleMs: 200, unreadMs: 500, connections: 20 }
  const served = await serveReports({ folder, serverLimits })
  expect((await get(served.reportsUrl, `/${'a'.repeat(20_000)}`)).status).toBe(431)
  expect((await get(served.reportsUrl, '/', { cookie: 'a'.repeat(20_000) })).status).toBe(431)
  const slow = connect(Number(new URL(served.reportsUrl).port), '127.0.0.1')
  slow.write('GET / HTTP/1.1\r\nHost: a\r\n')
  expect((await get(served.reportsUrl, '/')).status).toBe(404)
  let answer = ''
  for await (const part of slow.setEncoding('utf8')) answer += part
  expect(answer).toMatch(/^HTTP\/1.1 408/)
})
