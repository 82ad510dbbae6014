/**
 * Runs random histories of checks that fall, join incidents, flap, become unknown, are renamed, routed and removed, of channels that
 * refuse, lose responses, are removed and come back, and of operators who acknowledge, through the store and the outbox, and
 * compares the delivered messages with those that the verdicts require.
 */
import { expect } from '@playwright/test'
import { whole } from '../../testing/random.ts'
import { soak } from '../../testing/soak.ts'
import { openPreparedPool } from '../testing/prepared-pool.ts'
import { type Figures, runHistory } from '../testing/random-history.ts'
import { test as clockTest } from '../testing/turned-clock-fixture.ts'

const [parts, each] = [soak({ long: 20, short: 1 }), soak({ long: 500, short: 20 })]
/** Histories that no run has tried yet begin at a higher one. */
const firstSeed = Number(process.env.REPRISE_FIRST_SEED ?? 1)

const test = clockTest.extend({
  // With `pool`, the store is migrated.
  pool: async ({ pool: _, emptyDatabase }, use) => {
    const pool = openPreparedPool(emptyDatabase.url)
    await use(pool)
    await pool.end()
  },
})

test.describe.configure({ mode: 'parallel' })

/** Each has to occur in each part: up to three times as many histories are run until it has. */
const occurring = [
  ...['down', 'update', 'flapping', 'up', 'unknown', 'known', 'degraded began', 'degraded ended'],
  ...['fell', 'recovered', 'removed', 'flapping', 'unknown', 'known'].map(news => `news ${news}`),
  ...['joins by own dependency', "joins by another's dependency", 'dependencies on checks that have left'],
  ...['confirm', 'missed slots', 'overtaken slots', 'skipped slots', 'whole runs', 'lost responses'],
  ...[
    'messages to removed channels',
    'channels back',
    'changed environments',
    'withheld falls',
    'falls a removed channel had not got',
  ],
]

for (let part = 0; part < parts; part++) {
  const [first, last] = [firstSeed + part * each, firstSeed + (part + 1) * each - 1]
  test(`histories ${first} to ${last}: each fall and each recovery is sent once to each channel, in order, and nothing else`, {
    tag: '@soak',
  }, async ({ pool, clock }) => {
    const run = async (seed: number): Promise<Figures> => {
      try {
        return await runHistory(pool, clock, seed)
      } catch (error) {
        throw new Error(`History ${seed}: ${(error as Error).message}`, { cause: error })
      }
    }
    const total: Figures = {}
    const missing = () => occurring.filter(what => !total[what])
    for (let seed = first; seed <= last || (missing().length > 0 && seed < first + 3 * each); seed++) {
      for (const [what, number] of Object.entries(await run(seed))) total[what] = (total[what] ?? 0) + number
    }
    // Some that no run has tried yet.
    for (let left = 3; left > 0; left--) await run(1_000_000 + whole(Math.random, 1_000_000_000))
    process.stdout.write(`Histories ${first} to ${last}: ${JSON.stringify(total)}\n`)
    expect(missing()).toEqual([])
    const { incidents = 0, 'ended by recovery': recovered = 0, 'expected news': news = 0 } = total
    // The histories contain enough outages, and enough of them end by themselves.
    expect(news).toBeGreaterThan(each * 10)
    expect(recovered).toBeGreaterThan(incidents / 2)
  })
}
