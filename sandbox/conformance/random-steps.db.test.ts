/** Runs random steps of clients on a bare server and in a sandbox, and compares the responses. */
import { expect } from '@playwright/test'
import fc from 'fast-check'
import { test } from '../../postgres/testing/server-fixture.ts'
import { soak } from '../../testing/soak.ts'
import { randomSteps } from './random-steps.ts'
import { Stage, type Transcript } from './stage.ts'

/**
 * Hides known differences: which of two possible errors a statement reports, and the order of ParameterStatus messages.
 */
const alike = (transcript: Transcript): Transcript =>
  transcript.map(({ sent, lines }) => {
    const settings = lines.filter(isSetting).sort()
    return {
      sent,
      lines: lines
        .map(line => (isSetting(line) ? (settings.shift() ?? '') : line))
        .map(line => line.replace(/ERROR (25P02|42P05|42P01|42601) .*/, 'ERROR, one of several')),
    }
  })

const isSetting = (line: string): boolean => line.startsWith('ParameterStatus ')

test('random steps get the responses of a bare server', { tag: '@soak' }, async ({ server }) => {
  const bare = await Stage.create(server, { sandboxed: false })
  const sandboxed = await Stage.create(server, { sandboxed: true })
  try {
    // On a failure, fast-check reports the seed and the shortest counterexample.
    await fc.assert(
      fc.asyncProperty(randomSteps, async steps => {
        const expected = alike(await bare.play(steps))
        expect(alike(await sandboxed.play(steps))).toEqual(expected)
      }),
      { numRuns: soak({ long: 20_000, short: 100 }), seed: 3 },
    )
  } finally {
    await sandboxed.dispose()
    await bare.dispose()
  }
})
