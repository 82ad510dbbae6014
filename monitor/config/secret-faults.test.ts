import { secret } from '../../environment/secrets/secret.ts'
import { expect, test } from '../../testing/test.ts'
import { slack, webhook } from '../index.ts'
import { channelSecretFaults, secretFaults } from './secret-faults.ts'

const environment = {
  baseURL: 'https://api.example.com',
  headers: { authorization: secret('TOKEN') },
  secrets: ['PIN'],
}

test('secrets of an environment that are not set are listed, each with its place', () => {
  expect(secretFaults('production', environment, { PIN: '47114711' })).toEqual([
    {
      path: 'environments.production.headers.authorization',
      value: JSON.stringify(secret('TOKEN')),
      remedy: 'the secret TOKEN is not set: set the environment variable TOKEN',
    },
  ])
  expect(secretFaults('production', environment, { TOKEN: 'canary-4711' })).toMatchObject([
    { path: 'environments.production.secrets[0]' },
  ])
})

test('secrets of channels that are not set are listed', () => {
  const channels = {
    oncall: slack({ url: secret('SLACK_URL') }),
    desk: webhook({ url: 'https://desk.example.com', signingKey: secret('DESK_KEY') }),
  }
  const faults = channelSecretFaults(channels, { DESK_KEY: 'key' })
  expect(faults.map(({ path }) => path)).toEqual(['channels.oncall.url', 'channels.desk.signingKey'])
})

test('an environment or a channel called "secrets" is not a list of names of secrets', () => {
  const named = { ...environment, headers: {} }
  expect(secretFaults('secrets', named, { PIN: '47114711' })).toEqual([])
  expect(channelSecretFaults({ secrets: webhook({ url: 'https://desk.example.com' }) }, {})).toEqual([])
})
