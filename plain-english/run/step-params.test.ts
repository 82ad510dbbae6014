import { expect, test } from '@playwright/test'
import { stepParams, stepSubtitle } from './step-params.ts'
import { Variables } from './variables.ts'

test('the values of variables are shown, and those of credentials are not', () => {
  const variables = new Variables({ API_KEY: 'from-env', SMOKE: 'from-secret' }, undefined)
  for (const [name, value] of Object.entries({
    user: { id: 7, accessToken: 'hidden', tags: ['a', 'b'] },
    sessionToken: 'hidden',
    long: 'x'.repeat(300),
  }))
    variables.set(name, value)
  expect(
    stepParams(
      'Send ${user.id} ${user.tags} ${user.accessToken} ${sessionToken} ${secret:SMOKE} ${env:API_KEY} ${later} ${long}',
      variables,
    ),
  ).toEqual({ 'user.id': '7', 'user.tags': '["a","b"]', long: `${'x'.repeat(200)}…` })
})

test('a sentence without variables has none', () => {
  expect(stepParams('Send GET /users', new Variables({}, undefined))).toEqual({})
  expect(stepSubtitle({})).toBeUndefined()
})

test('the subtitle has the values by their names', () => {
  expect(stepSubtitle({ 'user.id': '7', 'user.tags': '["a"]' })).toBe('user.id = 7, user.tags = ["a"]')
})
