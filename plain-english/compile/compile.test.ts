import path from 'node:path'
import { writeFiles } from '../../testing/project-folder.ts'
import { expect, test } from '../../testing/test.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { readSpec, readText } from './read-spec.ts'
import { Vocabulary } from './vocabulary.ts'

const vocabulary = new Vocabulary(builtInSentences)

const faultsOf = (text: string) =>
  readText(text, 'a.txt', vocabulary).faults.map(({ line, message }) => `${line}: ${message}`)

test('a secret is refused in a query, as it is in a URL', () => {
  expect(faultsOf('GET /x With Query {"key": "${secret:KEY}"}\nWith Query {"keys": ["${secret:KEY}"]}')).toEqual([
    expect.stringMatching(/^1: A secret is not allowed in a URL/),
    expect.stringMatching(/^2: A secret is not allowed in a URL/),
  ])
  expect(faultsOf('POST /x {"key": "${secret:KEY}"}\nGET /x With Query {"key": "${env:KEY}"}')).toEqual([])
})

test('a variable that was saved from a secret is refused in a URL', () => {
  const text = `Login: admin
Save Value "\${secret:KEY}" As key
Scenario: a copy
Save Value "a \${secret:KEY}" As first
Save Value {"key": "\${first}"} As second
GET /x?key=\${second.key}
POST /x \${second}
Save Value "plain" As second
GET /x?key=\${second}
Scenario: of a login
As "admin"
GET /x With Query {"key": "\${key}"}`
  expect(faultsOf(text)).toEqual([
    expect.stringMatching(/^6: The variable second\.key has a secret, which is not allowed in a URL/),
    expect.stringMatching(/^12: The variable key has a secret, which is not allowed in a URL/),
  ])
})

test('the logins of a file that one scenario includes are not those of the next', async ({}, info) => {
  const folder = info.outputPath('logins')
  await writeFiles(folder, {
    'shared/logins.txt': 'Login: admin\nPOST /login',
    'a.txt': `Scenario: one
Include "shared/logins.txt"
As "admin"
Scenario: two
As "admin"`,
    'above.txt': `Include "shared/logins.txt"
Scenario: one
As "admin"
Scenario: two
As "admin"`,
  })
  const faults = (name: string) => readSpec(path.join(folder, name), name, vocabulary).faults
  expect(faults('a.txt')).toMatchObject([{ line: 5, message: expect.stringContaining('There is no login "admin"') }])
  expect(faults('above.txt')).toEqual([])
})

test('tags that no scenario has are faults', async ({}, info) => {
  const folder = info.outputPath('tags')
  await writeFiles(folder, {
    'shared/steps.txt': 'Tag: @slow\nGET /users',
    'shared/logins.txt': 'Tag: @skip\nLogin: admin\nPOST /login',
    'a.txt': 'Include "shared/steps.txt"\nInclude "shared/logins.txt"\nScenario: one\nGET /users',
  })
  expect(readSpec(path.join(folder, 'a.txt'), 'a.txt', vocabulary).faults).toMatchObject([
    {
      file: 'shared/steps.txt',
      message: expect.stringContaining('@slow has no effect in a file that another one includes'),
    },
    { file: 'shared/logins.txt', line: 1, message: '@skip has no scenario: write one below it.' },
  ])
})
