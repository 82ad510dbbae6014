import { expect, test } from '@playwright/test'
import type { Plan, PlannedCheck } from '../plan.ts'
import { replayConfig } from './replay-config.ts'

const check = (name: string, timeoutMs: number) =>
  ({
    check: name,
    id: name,
    projects: [],
    timeoutMs,
    retries: 1,
    pattern: { source: name, flags: '' },
  }) as unknown as PlannedCheck

test("the generated projects have the name of the user's: specs read it, and the names of snapshots have it", () => {
  const checks = [check('a', 30_000), check('b', 60_000)]
  const plan = { folder: '/', checks, target: { baseURL: 'http://127.0.0.1/' } } as unknown as Plan
  const { projects } = replayConfig(plan, { projects: [{ name: 'api' }] })
  expect(projects).toMatchObject([
    { name: 'api', timeout: 30_000 },
    { name: 'api', timeout: 60_000 },
  ])
})

test('a project that is a teardown is divided by timeout as well, and the name of a teardown stays that of one project', () => {
  const checks = [check('a', 30_000), check('b', 60_000)]
  const plan = { folder: '/', checks, target: { baseURL: 'http://127.0.0.1/' } } as unknown as Plan
  const { projects = [] } = replayConfig(plan, {
    projects: [{ name: 'api', teardown: 'cleanup' }, { name: 'cleanup' }],
  })
  expect(projects.map(({ name }) => name)).toEqual(['api', 'cleanup', 'api', 'cleanup (checks)'])
})
