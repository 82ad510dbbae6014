import { expect, test } from '../../testing/test.ts'
import { withClient } from '../connection.ts'
import { startServer } from '../server.ts'
import { test as withServer } from '../testing/server-fixture.ts'
import { chooseProvider } from './provider.ts'

test('the error for an unknown provider has its name and the three valid values', () => {
  for (const value of ['docker', 'Embedded', 'http://localhost:5432']) {
    expect(() => chooseProvider(value)).toThrow(
      `REPRISE_POSTGRES is ${JSON.stringify(value)}, which is no Postgres provider. Set it to "embedded" (the default), to "testcontainers", or to the postgres:// URL`,
    )
  }
})

test('the error for an unreachable server has its URL without the password', async () => {
  const url = 'postgres://me:secret@127.0.0.1:1/app'
  const failure = await startServer({ provider: url }).catch((error: Error) => error)
  expect(failure).toMatchObject({
    message: expect.stringContaining('postgres://me:***@127.0.0.1:1/app, which cannot be used: connect ECONNREFUSED'),
  })
  expect(String(failure)).not.toContain('secret')
})

test('an invalid URL is reported as invalid', async () => {
  await expect(startServer({ provider: 'postgres://me:secret@/x y' })).rejects.toThrow(
    /REPRISE_POSTGRES is no valid URL/,
  )
})

withServer(
  'an existing server whose role may not create databases is refused',
  async ({ server, emptyDatabase }, info) => {
    const role = `plain_${info.testId.replaceAll('-', '_')}`
    await withClient(server.url, client => client.query(`create role "${role}" login password 'x'`))
    const url = new URL(emptyDatabase.url)
    url.username = role
    url.password = 'x'
    await expect(startServer({ provider: url.href })).rejects.toThrow(`ALTER ROLE "${role}" CREATEDB`)
    await withClient(server.url, client => client.query(`drop role "${role}"`))
  },
)

withServer('an existing server is left running', async ({ server }) => {
  const entered = await startServer({ provider: server.url })
  expect(entered.url).toBe(server.url)
  await entered.stop()
  expect(await withClient(server.url, client => client.query('select 1'))).toMatchObject({ rowCount: 1 })
})
