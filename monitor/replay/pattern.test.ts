import { selectorOf } from '../../environment/contract/selection.ts'
import { expect, test } from '../../testing/test.ts'
import { patternOf } from './pattern.ts'

const users = {
  file: '/app/e2e/[id] users.spec.ts',
  titles: ['adding', 'answers 201 (twice)'],
  tags: ['@smoke', '@fast'],
}

function selects(check: Parameters<typeof patternOf>[0], files?: string[]): boolean {
  const pattern = patternOf(check, '/app', files)
  const replays = selectorOf([{ check: 'c', id: 'r', pattern }])(users, '/app')
  // What Playwright greps begins with the project's name, and has tags of describe blocks among the titles.
  const grepped = 'mobile safari e2e/[id] users.spec.ts adding @fast answers 201 (twice) @smoke'
  expect(new RegExp(pattern.source, pattern.flags).test(grepped)).toBe(replays.length === 1)
  return replays.length === 1
}

test('selects by file, whatever characters it has', () => {
  expect(selects({ tags: [] }, [users.file])).toBe(true)
  expect(selects({ tags: [] }, ['/app/e2e/users.spec.ts'])).toBe(false)
  expect(selects({ tags: [] }, ['/app/other/e2e/[id] users.spec.ts', users.file])).toBe(true)
  expect(selects({ tags: [] }, [])).toBe(false)
  expect(selects({ tags: [] })).toBe(true)
})

test('selects by tags: all of them, each as a whole', () => {
  expect(selects({ tags: ['@smoke'] })).toBe(true)
  expect(selects({ tags: ['@smoke', '@fast'] })).toBe(true)
  expect(selects({ tags: ['@smoke', '@slow'] })).toBe(false)
  expect(selects({ tags: ['@smo'] })).toBe(false)
})

test('selects by title: a part of it, or a regular expression', () => {
  expect(selects({ tags: [], title: '201 (twice)' })).toBe(true)
  expect(selects({ tags: [], title: 'ADDING' })).toBe(false)
  expect(selects({ tags: [], title: /ADDING.*twice/i })).toBe(true)
  expect(selects({ tags: [], title: /^adding$/ })).toBe(false)
  expect(selects({ tags: ['@smoke'], title: 'twice' }, [users.file])).toBe(true)
})

test('selects a file in English, although Playwright greps the name of the spec that was written for it', () => {
  const pattern = patternOf({ tags: ['@smoke'], title: 'health' }, '/app', ['/app/e2e/health.txt'])
  const grepped = new RegExp(pattern.source, pattern.flags)
  expect(grepped.test('english .reprise/plain-english/e2e/health.txt.spec.js health @smoke')).toBe(true)
  expect(grepped.test('english .reprise/plain-english/e2e/other-health.txt.spec.js health @smoke')).toBe(false)
  const test = { file: '/app/e2e/health.txt', titles: ['health'], tags: ['@smoke'] }
  expect(selectorOf([{ check: 'c', id: 'r', pattern }])(test, '/app')).toHaveLength(1)
  const any = patternOf({ tags: [], title: 'health' }, '/app', undefined)
  expect(selectorOf([{ check: 'c', id: 'r', pattern: any }])({ ...test, titles: ['users'] }, '/app')).toEqual([])
})

test('a title is not looked for in the name of the file', () => {
  expect(selects({ tags: [], title: 'users' })).toBe(false)
  expect(selects({ tags: [], title: 'users' }, [users.file])).toBe(false)
})
