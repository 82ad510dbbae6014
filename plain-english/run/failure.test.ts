import { expect, test } from '../../testing/test.ts'
import { failureOf } from './failure.ts'

test('of several elements with a name, the remedy is for a sentence that names one', async () => {
  const strict = "locator.click: Error: strict mode violation: getByRole('button') resolved to 2 elements:\n    1) ..."
  const place = { location: { file: '/a.txt', line: 2, column: 1 }, secrets: [], info: test.info() }
  const failed = async (text: string, namesElement: boolean) => {
    const error = await failureOf(new Error(strict), undefined, { ...place, text, namesElement })
    return Object(error).message
  }
  expect(await failed('Click "Delete"', true)).toMatch(/^Click "Delete": 2 elements have this name: write first, 2nd/)
  expect(await failed('I delete all', false)).toBe(strict)
})

test('the stack has the place of the sentence, and then that in a module of the project', async () => {
  const error = new Error('no')
  error.stack = `Error: no
    at sentence (/project/e2e/sentences.ts:7:9)
    at run (${import.meta.dirname}/run-scenario.ts:1:1)
    at call (/project/node_modules/pg/index.js:1:1)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`
  const at = { location: { file: '/a.txt', line: 2, column: 1 }, text: 'I act', namesElement: false, secrets: [] }
  await failureOf(error, undefined, { ...at, info: test.info() })
  expect(error.stack).toBe('Error: no\n    at /a.txt:2:1\n    at sentence (/project/e2e/sentences.ts:7:9)')
})
