/** A sandbox whose own role is no superuser, and may not use all that is in its database. */
import { randomBytes } from 'node:crypto'
import { expect } from '@playwright/test'
import { SandboxPool } from '../pool.ts'
import { Sandbox } from '../sandbox.ts'
import { test } from '../testing/sandbox-fixture.ts'

test('constraints in a schema that the role may not use do not stop its commits', async ({
  emptyDatabase,
  outside,
}) => {
  const role = `limited_${randomBytes(6).toString('hex')}`
  await outside.query(`
    create schema audit;
    create table audit.log (n int constraint x unique deferrable);
    create role ${role} login password 'secret'; grant create on schema public to ${role}`)
  const url = new URL(emptyDatabase.url)
  Object.assign(url, { username: role, password: 'secret' })
  try {
    const sandbox = await Sandbox.connect(url.href)
    sandbox.open()
    const pool = new SandboxPool(sandbox, 'pool')
    await pool.query('create table d (n int unique deferrable initially deferred, m int unique deferrable)')
    await pool.query('begin; insert into d values (1, 1), (1, 2); update d set n = m; commit')
    await expect(pool.query('begin; insert into d values (1, 3); commit')).rejects.toMatchObject({ code: '23505' })
    await pool.query('rollback')
    // Its own ones are in force as they were declared.
    await expect(pool.query('begin; insert into d values (3, 1)')).rejects.toMatchObject({ code: '23505' })
    await sandbox.close()
    await sandbox.dispose()
  } finally {
    await outside.query(`drop owned by ${role}; drop role ${role}`)
  }
})
