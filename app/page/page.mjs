// Starts the page: the form, the list, and the status and alert messages.
import { startForm } from './add-form.mjs'
import { element } from './elements.mjs'
import { showFirst, startList } from './user-list.mjs'

/** @typedef {{ result(text: string): void, failure(error: unknown): void }} Announce */

const result = element('#result', HTMLElement)
const failure = element('#failure', HTMLElement)

/** @type {Announce} */
const announce = {
  result(text) {
    failure.textContent = ''
    result.textContent = text
  },
  failure(error) {
    result.textContent = ''
    failure.textContent = error instanceof Error ? error.message : String(error)
  },
}

startForm(announce, user => showFirst(user, announce))
startList(announce)
