import { expect, test } from '@playwright/test'
import { configurationOf } from '../config/configuration.ts'
import type { MonitorConfig } from '../config/monitor-config.ts'
import { compileConfiguration } from './compiled-configuration.ts'

/** What the checks of a configuration mean. */
function meaningOf(defaults: MonitorConfig['defaults'], check: MonitorConfig['checks'][string]) {
  const environments = { production: { baseURL: 'https://api.example.com' } }
  const checks = { users: { specs: 'users.spec.ts', cron: '0 * * * *', ...check } }
  const { rules, timetable, close } = compileConfiguration(
    configurationOf('/monitor.config.ts', { environments, checks, ...(defaults && { defaults }) }),
    {},
  )
  close()
  const makeUpMissed = timetable.check('users')?.makeUpMissed
  return { locations: rules[0]?.locations, ...rules[0]?.policy.locations, makeUpMissed }
}

test('a check is replayed from one place, and what was missed is not made up', () => {
  expect(meaningOf({}, {})).toEqual({ locations: ['local'], count: 1, agree: 1, makeUpMissed: false })
})

test('of several places most must agree, or as many as the configuration says', () => {
  const three = ['a', 'b', 'c']
  expect(meaningOf({ locations: three }, {})).toMatchObject({ locations: three, count: 3, agree: 2 })
  expect(meaningOf({ locations: three, agree: 3 }, {})).toMatchObject({ count: 3, agree: 3 })
  expect(meaningOf({ locations: three, agree: 3 }, { agree: 1 })).toMatchObject({ count: 3, agree: 1 })
  expect(meaningOf({ locations: three }, { locations: ['d'] })).toMatchObject({ locations: ['d'], count: 1, agree: 1 })
})

test('what was missed is made up where that is wanted', () => {
  expect(meaningOf({ makeUpMissed: true }, {}).makeUpMissed).toBe(true)
  expect(meaningOf({ makeUpMissed: true }, { makeUpMissed: false }).makeUpMissed).toBe(false)
})
