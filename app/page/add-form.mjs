// Handles the form that adds a user: the API validates, the form shows the errors.
import { element } from './elements.mjs'
import { ApiError, addUser, listPlans } from './users-api.mjs'

const form = element('#add', HTMLFormElement)
const FIELDS = ['name', 'email', 'plan']

/**
 * Loads the plans and submits the form; `added` is called with each new user.
 * @param {import('./page.mjs').Announce} announce
 * @param {(user: import('./users-api.mjs').User) => void} added
 */
export async function startForm(announce, added) {
  form.addEventListener('submit', event => {
    event.preventDefault()
    submit(announce, added)
  })
  try {
    const { plans } = await listPlans()
    const select = element('#plan', HTMLSelectElement)
    for (const { id, name } of plans) select.add(new Option(name, id, id === 'free', id === 'free'))
  } catch (error) {
    announce.failure(error)
  }
}

/**
 * @param {import('./page.mjs').Announce} announce
 * @param {(user: import('./users-api.mjs').User) => void} added
 */
async function submit(announce, added) {
  // A second submit during the first would fail, since the email is taken by then.
  if (form.ariaBusy === 'true') return
  form.ariaBusy = 'true'
  showFaults([])
  try {
    const user = await addUser(Object.fromEntries(new FormData(form)))
    added(user)
    announce.result(`${user.email} is added.`)
    form.reset()
    element('#name', HTMLInputElement).focus()
  } catch (error) {
    const faults = error instanceof ApiError ? error.errors : []
    // Errors of a field are shown at the field; the alert shows the rest.
    if (!showFaults(faults)) announce.failure(error)
  } finally {
    form.ariaBusy = 'false'
  }
}

/** Marks the invalid fields, and focuses the first. @param {{ pointer?: string, detail: string }[]} faults */
function showFaults(faults) {
  /** @type {HTMLElement | undefined} */
  let first
  for (const name of FIELDS) {
    const fault = faults.find(({ pointer }) => pointer === `#/${name}`)
    const field = element(`#${name}`, HTMLElement)
    field.ariaInvalid = String(fault !== undefined)
    element(`#${name}-error`, HTMLElement).textContent = fault?.detail ?? ''
    if (fault) first ??= field
  }
  first?.focus()
  return first !== undefined
}
