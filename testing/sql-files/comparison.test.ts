import { expect, test } from '../test.ts'
import { compare, type Subject } from './comparison.ts'
import type { NamedDifference } from './named-differences.ts'

const named: NamedDifference[] = [{ row: 'Locks', statement: /lock/, sandbox: /ERROR: {2}locked/ }]

/** Prints each line of the script, and the result that `answer` gives for it. */
const psql = (answer: (line: string, script: string) => string | undefined): Subject['bare'] => {
  return async script => {
    const lines = script.split('\n').slice(0, -1)
    const printed = lines.flatMap(line => [line, ...(line === '' ? [] : [answer(line, script) ?? 'done'])])
    return { output: `${printed.join('\n')}\n`, ended: undefined }
  }
}

const server = psql(() => undefined)

test('a file whose statements have the same results is identical', async () => {
  const subject = { text: 'a\nb\n', bare: server, sandbox: server, named, rounds: 5 }
  expect(await compare(subject)).toEqual({
    verdict: 'identical',
    statements: 2,
    unsteady: 0,
    differences: [],
    more: 0,
  })
})

test('consequences of a difference are no differences', async () => {
  const sandbox = psql((line, script) => {
    if (line === 'lock') return 'ERROR:  locked'
    if (line === 'wrong') return 'ERROR:  wrong'
    return /lock|wrong/.test(script) && line === 'select' ? 'ERROR:  aborted' : undefined
  })
  const rowsOf = async (text: string) => {
    const { differences } = await compare({ text, bare: server, sandbox, named, rounds: 5 })
    return differences.map(({ statement, row }) => [statement, row])
  }
  expect(await rowsOf('lock\nselect\n')).toEqual([['lock', 'Locks']])
  expect(await rowsOf('wrong\nselect\n')).toEqual([['wrong', undefined]])
  expect(await rowsOf('lock\nwrong\nselect\n')).toEqual([
    ['lock', 'Locks'],
    ['wrong', undefined],
  ])
})

test('a file is named if the documentation names each difference', async () => {
  const sandbox = psql(line => (line === 'lock' ? 'ERROR:  locked' : undefined))
  const { verdict, differences } = await compare({ text: 'lock\nselect\n', bare: server, sandbox, named, rounds: 5 })
  expect(verdict).toBe('named')
  expect(differences).toEqual([{ line: 1, statement: 'lock', bare: 'done', sandbox: 'ERROR:  locked', row: 'Locks' }])
})

test('what differs between two runs on the server is not compared', async () => {
  let runs = 0
  const bare = psql(line => (line === 'random' ? `${runs++}` : undefined))
  const { verdict, unsteady } = await compare({ text: 'a\nrandom\n', bare, sandbox: bare, named, rounds: 5 })
  expect({ verdict, unsteady }).toEqual({ verdict: 'identical', unsteady: 1 })
})

test('a statement at which psql ends is a difference', async () => {
  const sandbox: Subject['sandbox'] = async script =>
    script.includes('hang')
      ? { output: 'a\ndone\nhang\n', ended: 'psql had not ended after 1 s' }
      : await server(script)
  const { differences } = await compare({ text: 'a\nhang\nc\n', bare: server, sandbox, named, rounds: 5 })
  expect(differences).toEqual([
    { line: 2, statement: 'hang', bare: 'done', sandbox: '\n(psql had not ended after 1 s)', row: undefined },
  ])
})
