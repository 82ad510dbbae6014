/** Random steps of one client go to a bare server and to a sandbox; what comes back must be the same. */
import { expect } from '@playwright/test'
import fc from 'fast-check'
import { test } from '../../postgres/testing/server-fixture.ts'
import { soak } from '../../testing/soak.ts'
import { randomSteps } from './random-steps.ts'
import { Stage, type Transcript } from './stage.ts'

/** Less which of two errors is told for a statement that has two, and the order in which settings are told. */
const alike = (transcript: Transcript): Transcript =>
  transcript.map(({ sent, lines }) => {
    const told = lines.filter(isSetting).sort()
    return {
      sent,
      lines: lines
        .map(line => (isSetting(line) ? (told.shift() ?? '') : line))
        .map(line => line.replace(/ERROR (25P02|42P05|42P01|42601) .*/, 'ERROR, one of several')),
    }
  })

const isSetting = (line: string): boolean => line.startsWith('ParameterStatus ')

test('random steps are answered as a server does', { tag: '@soak' }, async ({ server }) => {
  const bare = await Stage.create(server, { sandboxed: false })
  const sandboxed = await Stage.create(server, { sandboxed: true })
  try {
    // On a failure, fast-check tells the seed and the shortest steps.
    await fc.assert(
      fc.asyncProperty(randomSteps, async steps => {
        const expected = alike(await bare.play(steps))
        expect(alike(await sandboxed.play(steps))).toEqual(expected)
      }),
      { numRuns: soak({ long: 20_000, short: 300 }), seed: 3 },
    )
  } finally {
    await sandboxed.dispose()
    await bare.dispose()
  }
})
