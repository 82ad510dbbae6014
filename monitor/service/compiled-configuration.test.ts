import { expect, test } from '../../testing/test.ts'
import { configurationOf } from '../config/configuration.ts'
import type { MonitorConfig } from '../config/monitor-config.ts'
import { compileConfiguration } from './compiled-configuration.ts'

/** What is compiled from the checks of a configuration. */
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

test('a check is replayed from one location, and missed slots are not made up', () => {
  expect(meaningOf({}, {})).toEqual({ locations: ['local'], count: 1, agree: 1, makeUpMissed: false })
})

test('most of several locations must agree, or as many as the configuration sets', () => {
  const three = ['a', 'b', 'c']
  expect(meaningOf({ locations: three }, {})).toMatchObject({ locations: three, count: 3, agree: 2 })
  expect(meaningOf({ locations: three, agree: 3 }, {})).toMatchObject({ count: 3, agree: 3 })
  expect(meaningOf({ locations: three, agree: 3 }, { agree: 1 })).toMatchObject({ count: 3, agree: 1 })
  expect(meaningOf({ locations: three }, { locations: ['d'] })).toMatchObject({ locations: ['d'], count: 1, agree: 1 })
})

test('missed slots are made up if the configuration wants it', () => {
  expect(meaningOf({ makeUpMissed: true }, {}).makeUpMissed).toBe(true)
  expect(meaningOf({ makeUpMissed: true }, { makeUpMissed: false }).makeUpMissed).toBe(false)
})
