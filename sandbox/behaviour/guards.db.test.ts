import { expect } from '@playwright/test'
import { scalar, test } from '../testing/sandbox-fixture.ts'

test('each failed statement in a long sequence is undone alone', async ({ sandbox, pool }) => {
  sandbox.open()
  const kept: number[] = []
  for (let id = 1; id <= 40; id++) {
    await pool.query('insert into t values ($1)', [id])
    kept.push(id)
    if (id % 7 !== 0) continue
    // Of the two rows, the second exists already.
    await expect(pool.query('insert into t values ($1), ($2)', [1000 + id, id])).rejects.toMatchObject({
      code: '23505',
    })
    await pool.query('delete from t where id = $1', [kept.shift()])
  }
  const { rows } = await pool.query('select id from t order by id')
  expect(rows.map(({ id }) => id)).toEqual(kept)
  await sandbox.close()
})

test('a transaction between lone statements leaves no savepoint, access mode or setting behind', async ({
  sandbox,
  pool,
}) => {
  sandbox.open()
  const client = await pool.connect()
  await client.query('insert into t values (1)')
  await client.query('begin read only')
  await client.query('savepoint mine')
  await client.query(`set local search_path = 'nowhere'`)
  await client.query('commit')
  await client.query('insert into public.t values (2)')
  expect(await scalar(client, 'show search_path')).toBe('"$user", public')
  await client.query('begin')
  await client.query('insert into t values (3)')
  await expect(client.query('rollback to mine')).rejects.toMatchObject({ code: '3B001' })
  await client.query('rollback')
  expect(await scalar(client, 'select array_agg(id) from t')).toEqual([1, 2])
  client.release()
  await sandbox.close()
})

test('failed statements of alternating sessions are undone alone', async ({ sandbox, pool }) => {
  sandbox.open()
  const [one, other] = [await pool.connect(), await pool.connect()]
  await one.query('set application_name = one')
  for (let id = 1; id <= 20; id++) {
    await (id % 2 ? one : other).query('insert into t values ($1)', [id])
    await expect((id % 2 ? other : one).query('insert into t values ($1)', [id])).rejects.toThrow('duplicate key')
  }
  expect(await scalar(other, 'select count(*)::int from t')).toBe(20)
  expect([await scalar(one, 'show application_name'), await scalar(other, 'show application_name')]).toEqual([
    'one',
    '',
  ])
  one.release()
  other.release()
  await sandbox.close()
})
