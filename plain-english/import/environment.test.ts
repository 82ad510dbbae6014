import { expect, test } from '../../testing/test.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { type EnvironmentFile, readEnvironments } from './environment.ts'
import { importText } from './import-text.ts'
import { writeScenarios } from './write-scenarios.ts'

const vocabulary = new Vocabulary(builtInSentences)

function lines(text: string, file: string, environments: EnvironmentFile[], name?: string): string[] {
  const imported = importText(text, file, readEnvironments(environments, name))
  return writeScenarios(imported, file, vocabulary).text.split('\n').slice(3, -1)
}

const json = (content: unknown, file = 'dev.json') => ({ file, content: JSON.stringify(content) })

const collection = JSON.stringify({
  info: { name: 'Users' },
  variable: [
    { key: 'host', value: 'https://old.example.com' },
    { key: 'pin', value: '0815', type: 'secret' },
  ],
  item: [
    {
      name: 'read',
      request: {
        url: '{{host}}/users/{{id}}',
        header: [
          { key: 'X-Region', value: '{{region}}' },
          { key: 'X-Pin', value: '{{pin}}' },
          { key: 'X-Tenant', value: '{{tenant}}' },
          { key: 'X-Off', value: '{{off}}' },
        ],
      },
    },
  ],
})

test('an environment of Postman gives the variables of a collection their values, and keeps secrets', () => {
  const environment = json({
    name: 'dev',
    values: [
      { key: 'host', value: 'http://localhost:3000', enabled: true },
      { key: 'id', value: 7 },
      { key: 'region', value: 'north-1', type: 'secret' },
      { key: 'off', value: 'x', enabled: false },
    ],
  })
  const globals = json({ values: [{ key: 'tenant', value: 't-1' }], _postman_variable_scope: 'globals' })
  expect(lines(collection, 'users.json', [globals, environment])).toEqual([
    'Set Header X-Region To "${secret:REGION}"',
    'Set Header X-Pin To "${secret:PIN}"',
    'Set Header X-Tenant To "t-1"',
    'Set Header X-Off To "${env:OFF}"',
    'GET /users/7',
  ])
})

const requests = `@page = 2
GET {{host}}/users?page={{page}}&plan={{plan}}
X-Team: {{team}}
`

test('http-client.env.json has several environments, of which one is chosen, and a private part', () => {
  const files = [
    json(
      {
        $shared: { plan: 'free', page: 1 },
        dev: { host: 'http://localhost:8080', Security: { Auth: {} } },
        prod: { host: 'https://example.com', plan: 'pro' },
      },
      'http-client.env.json',
    ),
    json({ dev: { team: 'blue-7' } }, 'http-client.private.env.json'),
  ]
  expect(lines(requests, 'users.http', files, 'dev')).toEqual([
    'Set Header X-Team To "${secret:TEAM}"',
    'GET /users?page=2&plan=free',
  ])
  expect(lines(requests, 'users.http', files, 'prod')).toEqual([
    'Set Header X-Team To "${env:TEAM}"',
    'GET https://example.com/users?page=2&plan=pro',
  ])
})

test('lines NAME=VALUE are an environment', () => {
  const dotenv = { file: 'dev.env', content: '# of the team\nhost="http://localhost"\nplan=free\nteam=blue\n' }
  expect(lines(requests, 'users.http', [dotenv])).toEqual([
    'Set Header X-Team To "blue"',
    'GET /users?page=2&plan=free',
  ])
})

test('a default in an .http file counts where the environment gives no value', () => {
  const text = `@host={{ this.host ?? 'http://localhost:3000' }}
@plan={{ this.plan ?? 'free' }}
GET {{host}}/users?plan={{plan}}
`
  expect(lines(text, 'users.http', [json({ prod: { host: 'https://example.com' } }, 'http-client.env.json')])).toEqual([
    'GET https://example.com/users?plan=free',
  ])
})

test('a file that is no environment is refused with what to do', () => {
  const refused = (files: EnvironmentFile[], name?: string) => {
    try {
      readEnvironments(files, name)
    } catch (error) {
      return String(error)
    }
    return 'accepted'
  }
  const several = json({ dev: {}, prod: {} }, 'http-client.env.json')
  expect(refused([several])).toContain('http-client.env.json has the environments dev, prod: choose one')
  expect(refused([several], 'test')).toContain('There is no environment "test": the files have dev, prod.')
  expect(refused([json({ values: [] })], 'dev')).toContain('the files have one environment each')
  expect(refused([{ file: 'a.env', content: 'nothing' }])).toContain('a.env is no environment: give one that Postman')
  expect(refused([{ file: 'a.json', content: '{"a": ' }])).toContain('a.json is no JSON: ')
  const secret = { file: 'private.json', content: '{"dev": {"token": word-4711}}' }
  expect(refused([secret])).toMatch(
    /private\.json is no JSON: Unexpected token 'w'\. Correct it, or export it again\.$/,
  )
  expect(refused([json({ token: 'word-4711' }, 'http-client.private.env.json')])).toMatch(
    /http-client\.private\.env\.json: token is in no environment: write values in one, \{"dev": \{"token": \.\.\.\}\}\.$/,
  )
  expect(refused([json({ info: {}, item: [] })])).toContain('dev.json: item is []')
  expect(() => importText('openapi: 3.1.0', 'a.yaml', readEnvironments([]))).toThrow(
    'a.yaml has no variables that an environment gives values: leave out --environment.',
  )
})
