/** `pgbench`: initializes its tables through the sandbox and runs its load with each of its query protocols. */
import { expect } from '@playwright/test'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'
import { runProgram, whyMissing } from './program.ts'

const missing = whyMissing('pgbench')
test.skip(missing !== undefined, missing)

for (const protocol of ['simple', 'extended', 'prepared']) {
  test(`the ${protocol} protocol`, async ({ tcp: { url, pool } }) => {
    const pgbench = async (...args: string[]) => {
      const finished = await runProgram('pgbench', [...args, url])
      expect(finished, finished.stderr).toMatchObject({ code: 0 })
      return finished.stdout
    }
    await pgbench('--initialize', '--init-steps=dtgpf', '--quiet')
    // After a Parse, pgbench blocks its thread until the response. In one thread, a client that holds the connection
    // lock could not continue while another one prepares.
    const jobs = protocol === 'prepared' ? 4 : 1
    const load = ['--no-vacuum', '--client=4', `--jobs=${jobs}`, '--transactions=50', `--protocol=${protocol}`]
    for (const script of ['select-only', 'tpcb-like', 'simple-update']) {
      const summary = await pgbench(...load, `--builtin=${script}`)
      expect(summary).toContain('number of transactions actually processed: 200/200')
      expect(summary).toContain('number of failed transactions: 0 (0.000%)')
    }
    expect(await scalar(pool, 'select count(*)::int from pgbench_history')).toBe(400)
    const sums = `select (select sum(delta) from pgbench_history) = (select sum(abalance) from pgbench_accounts)`
    expect(await scalar(pool, sums)).toBe(true)
  })
}
