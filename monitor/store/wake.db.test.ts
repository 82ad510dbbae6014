import { expect } from '@playwright/test'
import { ago, monitor, test } from '../testing/store-fixture.ts'
import { planSlots } from './slots.ts'
import { listen, type Wake } from './wake.ts'

test('a listener is woken by new slots, also after its connection was lost', async ({ pool, emptyDatabase }) => {
  await monitor(pool, { name: 'users' })
  const woken: Wake[] = []
  let notified: (() => void) | undefined
  const until = async (count: number) => {
    while (woken.length < count)
      await new Promise<void>(resolve => {
        notified = resolve
      })
  }
  const listening = listen(emptyDatabase.url, what => {
    woken.push(what)
    notified?.()
  })
  await until(3)
  await planSlots(pool, [{ check: 'users', due: ago(2), location: 'home' }])
  await until(4)
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'reprise monitor: listening' and datname = current_database()`,
  )
  await until(7)
  await planSlots(pool, [{ check: 'users', due: ago(1), location: 'home' }])
  await until(8)
  expect(woken).toEqual(['slots', 'messages', 'changes', 'slots', 'slots', 'messages', 'changes', 'slots'])
  await listening.stop()
})
