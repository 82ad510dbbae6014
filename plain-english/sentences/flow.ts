/** Sentences that repeat another sentence, or send a request at the end of the scenario. */
import { setTimeout as delay } from 'node:timers/promises'
import { includeExpression } from '../compile/compile.ts'
import { addToTimeout } from '../run/add-to-timeout.ts'
import { defineSentence } from './define-sentence.ts'

/** The interval between attempts, in milliseconds. */
const pause = 250

export const flow = [
  defineSentence(
    'Retry Until {sentence} For {duration}',
    async ({ scenario }, attempt, longest) => {
      addToTimeout(longest)
      const deadline = Date.now() + longest
      for (let isFirst = true; ; isFirst = false) {
        try {
          // It can fail as well, such as while the app restarts.
          if (!isFirst) await scenario.repeat()
          await attempt()
          return
        } catch (error) {
          if (Date.now() + pause > deadline) throw error
        }
        await delay(pause)
      }
    },
    {
      meaning: 'repeats the last request until the sentence passes, for at most this long',
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
      meaning:
        'sends this request when the scenario has ended, passed or failed; in local runs the rollback replaces it',
      example: 'Afterwards DELETE /users/${id}',
    },
  ),
  // Compiled to the sentences of the file.
  defineSentence(includeExpression, () => undefined, {
    meaning: 'takes the sentences and the logins of another file, whose path is relative to this one',
    example: 'Include "shared/sign-in.txt"',
  }),
]
