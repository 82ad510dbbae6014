/** Sentences of the sample, in addition to the built-in ones. */
import { expect } from '@playwright/test'
import { defineSentence } from '../../plain-english/index.ts'

export default [
  defineSentence('The List Of Users Should Have {int} User(s)', async ({ request }, count) => {
    const { users } = await (await request.get('/users')).json()
    expect(users).toHaveLength(count)
  }),
]
