/** Sentences about the date. */
import { instantOf } from '../run/instant.ts'
import { defineSentence } from './define-sentence.ts'

export const clock = [
  defineSentence(
    'The Date Is {text}',
    async ({ scenario }, date) => {
      const instant = instantOf(date, 'The date')
      if (!scenario.page) throw new Error(cannotBeSet)
      await scenario.page.clock.setFixedTime(instant)
    },
    {
      meaning: 'the clock of the pages shows this date, and stands still; those of the app and of the database do not',
      example: 'The Date Is 2027-03-01',
    },
  ),
]

const cannotBeSet =
  'The clocks of the app and of its database cannot be set: The Date Is sets that of pages, and this scenario opens none. Send the date in the request, or write rows with it: Table orders Has Row {"created_at": "2027-03-01"}.'
