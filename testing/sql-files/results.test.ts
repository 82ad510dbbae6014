import { expect, test } from '../test.ts'
import { readResults } from './results.ts'

const lines = (text: string) => text.split('\n')

test('what psql prints belongs to the line before it', () => {
  const file = lines('create table t (\n  id int);\n\nselect 1;\nselect 2;\n')
  const output = 'create table t (\n  id int);\nERROR:  no\nselect 1;\n 1\n---\n(1 row)\n\nselect 2;\n'
  expect(readResults(file, output)).toEqual({
    after: new Map([
      [1, 'ERROR:  no'],
      [3, ' 1\n---\n(1 row)'],
    ]),
    read: 6,
  })
})

test('the data of COPY is not printed, unless the command has failed', () => {
  const file = lines('copy t\n  from stdin;\n1\n2\n\\.\nselect 1;\n')
  const copied = 'copy t\n  from stdin;\nCOPY 2\nselect 1;\n 1\n'
  const failed = 'copy t\n  from stdin;\nERROR:  no\n1\n2\n\\.\ninvalid command \\.\nselect 1;\nERROR:  syntax\n'
  expect([...readResults(file, copied).after]).toEqual([
    [1, 'COPY 2'],
    [5, ' 1'],
  ])
  expect([...readResults(file, failed).after]).toEqual([
    [1, 'ERROR:  no'],
    [4, 'invalid command \\.'],
    [5, 'ERROR:  syntax'],
  ])
})

test('an output that ends early has fewer lines', () => {
  expect(readResults(lines('select 1;\nselect 2;\nselect 3;\n'), 'select 1;\n 1\nselect 2;\n').read).toBe(2)
})
