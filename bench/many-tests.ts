/** Measures a run of a thousand tests that insert one row each, with one, two and four workers. */
import { sideBySide } from './median.ts'
import { writeProject } from './playwright-run.ts'
import { duration, type Section } from './table.ts'

const insertOne = `await db.query("insert into users (email, name) values ('ada@example.com', 'Ada')")`

export async function measureManyTests(short: boolean): Promise<Section> {
  const count = short ? 20 : 1000
  const spec = (work: string) => `
    import { test } from '../../../e2e/test.ts'
    for (let i = 0; i < ${count / 4}; i++) test('test ' + i, async ({ db }) => { ${work} })`
  const files = (text: string) => Object.fromEntries([1, 2, 3, 4].map(i => [`part-${i}.spec.ts`, text]))
  const empty = `
    import { test } from '@playwright/test'
    for (let i = 0; i < ${count / 4}; i++) test('test ' + i, async () => {})`
  const projects = {
    'Playwright alone, 1 worker': await writeProject(files(empty)),
    '1 worker': await writeProject(files(spec(insertOne))),
    '2 workers': await writeProject(files(spec(insertOne)), { workers: 2 }),
    '4 workers': await writeProject(files(spec(insertOne)), { workers: 4 }),
  }
  const runs = Object.fromEntries(Object.entries(projects).map(([name, project]) => [name, () => project.run()]))
  try {
    const times = await sideBySide(runs, short ? 1 : 3)
    return {
      title: `${count} tests with one insert each, a whole run`,
      rows: Object.entries(times).map(([what, ms]) => ({
        what,
        median: duration(ms),
        relation: `${(ms / count).toFixed(2)} ms per test`,
      })),
    }
  } finally {
    await Promise.all(Object.values(projects).map(project => project.remove()))
  }
}
