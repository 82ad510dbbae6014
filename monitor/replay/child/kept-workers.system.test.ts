import { expect } from '@playwright/test'
import { test } from '../../../testing/nested-monitor/nested-monitor.ts'

const asks = (title: string, more = '') => `
  test('${title}', async ({ request }, info) => {
    await request.get('/${title}/' + info.workerIndex)
    ${more}
  })`
const fails = 'expect(1).toBe(2)'

test('a failed test keeps its worker, and all that Playwright would skip after it is skipped', async ({
  serve,
  project,
}) => {
  const asked: string[] = []
  const base = await serve(({ url = '' }, response) => {
    asked.push(url)
    response.end()
  })
  const files = {
    'file.spec.ts': `test.describe.configure({ mode: 'serial' })
      ${asks('f1')} ${asks('f2', `await test.step('a step', async () => { expect.soft(1).toBe(2) })`)} ${asks('f3')}`,
    'group.spec.ts': `test.describe.serial('group', () => {
        ${asks('g1')}
        test.describe('inner', () => { ${asks('g2', 'expect(info.retry).toBe(1)')} })
        ${asks('g3')}
      })
      test.describe('hooks', () => {
        test.beforeAll(() => { ${fails} })
        ${asks('h1')} ${asks('h2')} ${asks('h3')}
        test.describe.serial('series', () => { ${asks('h4')} ${asks('h5')} })
      })
      ${asks('free')}`,
    'author.spec.ts': `
      ${asks('a1', `test.fail(); ${fails}`)} ${asks('a2', 'test.fail()')}
      ${asks('a3', 'expect.soft(1).toBe(2)')} ${asks('a4', 'test.fixme()')} ${asks('a5', `await test.step('x', () => { ${fails} })`)}
      ${asks('a6')}`,
  }
  const monitor = await project(base, {
    defaults: { retries: 1 },
    checks: Object.fromEntries(Object.keys(files).map(file => [file.replace('.spec.ts', ''), { specs: file }])),
    files,
  })
  const document = await monitor.replay()
  const attempts = document.checks.map(({ name, specs }) => {
    const outcomes = specs.map(({ title, attempts }) => [title, attempts.map(({ outcome }) => outcome).join(' ')])
    return [name, Object.fromEntries(outcomes)]
  })
  expect(Object.fromEntries(attempts)).toEqual({
    file: { f1: 'passed passed', f2: 'failed failed', f3: 'unknown unknown' },
    group: {
      'group › g1': 'passed passed',
      'group › inner › g2': 'failed passed',
      'group › g3': 'unknown passed',
      'hooks › h1': 'failed failed',
      'hooks › h2': 'failed failed',
      'hooks › h3': 'failed failed',
      'hooks › series › h4': 'failed failed',
      'hooks › series › h5': 'failed failed',
      free: 'passed',
    },
    author: {
      a1: 'passed',
      a2: 'failed failed',
      a3: 'failed failed',
      a4: 'unknown',
      a5: 'failed failed',
      a6: 'passed',
    },
  })
  expect(document.checks.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed'])
  expect(asked.filter(url => /^\/(f3|h\d)/.test(url))).toEqual([])
  const [worker, ...others] = ['a3', 'a4', 'a5', 'a6'].map(title => {
    return asked.find(url => url.startsWith(`/${title}/`))?.split('/')[2]
  })
  expect(others).toEqual([worker, worker, worker])
})
