/** Sentences about other sentences, and about the end of the scenario. */
import { setTimeout as delay } from 'node:timers/promises'
import { test } from '@playwright/test'
import { defineSentence } from './define-sentence.ts'

/** Between two attempts, in milliseconds. */
const pause = 250

export const flow = [
  defineSentence(
    'Retry Until {sentence} For {duration}',
    async ({ scenario }, attempt, longest) => {
      // It has its own time, beside that of the test.
      test.setTimeout(test.info().timeout + longest)
      const deadline = Date.now() + longest
      for (;;) {
        try {
          await attempt()
          return
        } catch (error) {
          if (Date.now() + pause > deadline) throw error
        }
        await delay(pause)
        await scenario.repeat()
      }
    },
    {
      meaning: 'sends the last request again and again until the sentence holds, at most so long',
      example: 'Retry Until Field state Should Be "done" For 30s',
    },
  ),
  defineSentence(
    'Afterwards {method} {url}',
    ({ scenario, cleanup }, method, url) => {
      const { pathname, search } = new URL(scenario.url(url))
      return cleanup(`${method} ${pathname}${search}`)
    },
    {
      meaning: 'sends this when the scenario has ended, passed or not; locally the rollback does that work',
      example: 'Afterwards DELETE /users/${id}',
    },
  ),
]
