/** REPRISE_TRACE=protocol shows what passes a sandbox. */
import { expect } from '@playwright/test'
import pg from 'pg'
import { test } from '../postgres/testing/server-fixture.ts'
import { SandboxPool } from './pool.ts'
import { protocolTrace } from './protocol-trace.ts'
import { Sandbox } from './sandbox.ts'

for (const client of ['of this process', 'by TCP'] as const) {
  test(`the messages of a client ${client} and of the server are printed in their order`, async ({ emptyDatabase }) => {
    const lines: string[] = []
    const trace = protocolTrace({ REPRISE_TRACE: 'protocol' }, line => lines.push(line))
    const sandbox = await Sandbox.connect(emptyDatabase.url, undefined, trace)
    sandbox.open()
    const pool = client === 'by TCP' ? new pg.Pool({ connectionString: sandbox.url }) : new SandboxPool(sandbox, 'pool')
    await pool.query({ name: 'greeting', text: 'select $1 as hello', values: ['wor\nld'] })
    await pool.end()
    await sandbox.close()
    await sandbox.dispose()
    const { password } = new URL(sandbox.url)
    const text = lines.join('\n').replace(/server \d+/g, 'server')
    expect(text).not.toContain(password)
    const expected = [
      'session 1 -> sandbox: StartupMessage user=',
      ...(client === 'by TCP' ? ['session 1 -> sandbox: PasswordMessage (not shown)'] : []),
      'sandbox -> session 1: ReadyForQuery I',
      'session 1 -> sandbox: Parse greeting select $1 as hello',
      String.raw`session 1 -> sandbox: Bind greeting [wor\nld]`,
      'sandbox -> server: Parse reprise_1_greeting select $1 as hello',
      'server -> sandbox: RowDescription hello',
      String.raw`server -> sandbox: DataRow [wor\nld]`,
      'server -> sandbox: ReadyForQuery T',
      String.raw`sandbox -> session 1: DataRow [wor\nld]`,
      'sandbox -> session 1: ReadyForQuery I',
      'session 1 -> sandbox: Terminate',
    ]
    let at = 0
    for (const line of expected) {
      const found = text.indexOf(line, at)
      expect(found, `${line} in\n${text.slice(at)}`).not.toBe(-1)
      at = found
    }
  })
}

test('the answer to a request for encryption is a byte and no message', async ({ emptyDatabase }) => {
  const lines: string[] = []
  const trace = protocolTrace({ REPRISE_TRACE: 'protocol' }, line => lines.push(line))
  const sandbox = await Sandbox.connect(emptyDatabase.url, undefined, trace)
  const client = new pg.Client({ connectionString: sandbox.url, ssl: true })
  await expect(client.connect()).rejects.toThrow('The server does not support SSL connections')
  await sandbox.dispose()
  expect(lines.filter(line => /session \d/.test(line)).slice(0, 2)).toEqual([
    'session 1 -> sandbox: SSLRequest',
    'sandbox -> session 1: N',
  ])
})

test('nothing is traced unless it is asked for, and nothing else can be', async () => {
  expect(protocolTrace({})).toBeUndefined()
  expect(protocolTrace({ REPRISE_TRACE: '' })).toBeUndefined()
  expect(() => protocolTrace({ REPRISE_TRACE: 'sql' })).toThrow('REPRISE_TRACE is "sql"; set it to "protocol"')
})
