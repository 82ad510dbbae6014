/** Sentences about tabs, frames and dialogs. */
import { assertThat } from '../../run/assertion.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

export const tabs = [
  defineSentence('Open {url} In A New Tab', ({ page, scenario }, url) => pagesOf(page).openTab(scenario.url(url)), {
    meaning: 'opens a page in another tab, which the following sentences act on',
    example: 'Open /help In A New Tab',
  }),
  defineSentence('Switch To The New Tab', ({ page }) => pagesOf(page).enterNewTab(), {
    meaning: 'the following sentences act on the tab that the page has opened; waits for it',
    example: 'Switch To The New Tab',
  }),
  defineSentence('Switch To The Tab {string}', ({ page }, text) => pagesOf(page).enterTab(text), {
    meaning: 'the following sentences act on the tab whose title or address contains this text',
    example: 'Switch To The Tab "Users"',
  }),
  defineSentence('Close The Tab', ({ page }) => pagesOf(page).closeTab(), {
    meaning: 'closes the tab, and goes back to the one before',
    example: 'Close The Tab',
  }),
  defineSentence(
    '{int} Tab(s) Should Be Open',
    async ({ page }, wanted) => {
      const pages = pagesOf(page)
      await pages.expect.poll(() => pages.tabs.length, { message: 'the number of open tabs' }).toBe(wanted)
    },
    { meaning: 'the browser has this many tabs; waits for them', example: '2 Tabs Should Be Open' },
  ),
  defineSentence('In Frame {string}', ({ page }, name) => pagesOf(page).enterFrame(name), {
    meaning:
      'the following sentences act in the frame with this title, name, label or id, until another page is opened or the frame is left',
    example: 'In Frame "Payment"',
  }),
  defineSentence('Leave The Frame', ({ page }) => pagesOf(page).enterFrame(undefined), {
    meaning: 'the following sentences act on the page again',
    example: 'Leave The Frame',
  }),
  defineSentence('Accept The Next Dialog', ({ page }) => pagesOf(page).answerNextDialog({ accept: true }), {
    meaning: 'answers the next dialog of the browser with OK; without it, dialogs are dismissed',
    example: 'Accept The Next Dialog',
  }),
  defineSentence('Dismiss The Next Dialog', ({ page }) => pagesOf(page).answerNextDialog({ accept: false }), {
    meaning: 'answers the next dialog with Cancel',
    example: 'Dismiss The Next Dialog',
  }),
  defineSentence(
    'Answer The Next Dialog With {string}',
    ({ page }, text) => pagesOf(page).answerNextDialog({ accept: true, text }),
    { meaning: 'fills in the next dialog and answers with OK', example: 'Answer The Next Dialog With "Ada"' },
  ),
  defineSentence(
    'The Dialog Should Say {string}',
    async ({ page }, wanted) =>
      assertThat(await pagesOf(page).dialogMessage(), { subject: 'the dialog', words: 'should say', wanted }, it =>
        it.toBe(wanted),
      ),
    { meaning: 'the last dialog had this message; waits for one', example: 'The Dialog Should Say "Delete Ada?"' },
  ),
]
