import { expect, test } from '../../testing/test.ts'
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
      text => text,
    ),
  ).toEqual({ 'user.id': '7', 'user.tags': '["a","b"]', long: `${'x'.repeat(200)}…` })
})

test('members, headers and parts of URLs that are named like credentials are marked, at any depth', () => {
  const variables = new Variables({}, undefined)
  variables.set('all', {
    items: [{ refresh_token: ['a', 'b'], id: 1 }],
    headers: { cookie: 'c', 'Set-Cookie': 'd' },
    next: '/reset?token=e&page=2',
  })
  const all =
    '{"items":[{"refresh_token":"[redacted]","id":1}],"headers":{"cookie":"[redacted]","Set-Cookie":"[redacted]"},"next":"/reset?token=[redacted]&page=2"}'
  expect(stepParams('${all}', variables, text => text)).toEqual({ all })
})

test('a secret is removed from a value before that is shortened, also if JSON escapes it', () => {
  const secret = 'canary"4711'
  const variables = new Variables({}, undefined)
  const hide = (text: string) => text.replaceAll(secret, '***')
  for (let before = 180; before < 205; before++) {
    variables.set('text', `${'x'.repeat(before)}${secret}`)
    variables.set('json', [`${'x'.repeat(before)}${secret}`])
    expect(JSON.stringify(stepParams('${text} ${json}', variables, hide))).not.toContain('canary')
  }
})

test('a sentence without variables has none', () => {
  expect(stepParams('Send GET /users', new Variables({}, undefined), text => text)).toEqual({})
  expect(stepSubtitle({})).toBeUndefined()
})

test('the subtitle has the values by their names', () => {
  expect(stepSubtitle({ 'user.id': '7', 'user.tags': '["a"]' })).toBe('user.id = 7, user.tags = ["a"]')
})
