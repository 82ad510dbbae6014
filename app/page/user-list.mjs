// Shows the list of users, page by page, each with a button that deletes it.
import { element } from './elements.mjs'
import { listUsers, removeUser } from './users-api.mjs'

/** @typedef {import('./users-api.mjs').User} User */

const list = element('#users', HTMLUListElement)
const more = element('#more', HTMLButtonElement)
const heading = element('#list-heading', HTMLHeadingElement)
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** The URL that the button loads: the API's link to the next page. @type {string | null} */
let next = '/users'

/** Shows the first page, then others on demand. @param {import('./page.mjs').Announce} announce */
export async function startList(announce) {
  more.addEventListener('click', () => loadMore(announce))
  await loadPage(announce)
}

/** Puts a new user at the top. @param {User} user @param {import('./page.mjs').Announce} announce */
export function showFirst(user, announce) {
  list.prepend(row(user, announce))
  updateEmpty()
}

/** @param {import('./page.mjs').Announce} announce */
async function loadMore(announce) {
  const added = await loadPage(announce)
  if (added.length === 0) return
  announce.result(`${added.length} more shown.`)
  // Focus moves to the first new row, also if the button has disappeared.
  added[0]?.querySelector('button')?.focus()
}

/** @param {import('./page.mjs').Announce} announce @returns {Promise<HTMLLIElement[]>} */
async function loadPage(announce) {
  if (next === null || list.ariaBusy === 'true') return []
  busy(true)
  try {
    const page = await listUsers(next)
    next = page.next
    more.textContent = 'Load more'
    // A user that was just added at the top may occur again in a later page.
    const rows = page.users.filter(user => !document.getElementById(rowId(user))).map(user => row(user, announce))
    list.append(...rows)
    return rows
  } catch (error) {
    more.textContent = 'Try again'
    announce.failure(error)
    return []
  } finally {
    more.hidden = next === null
    busy(false)
    updateEmpty()
  }
}

/** @param {boolean} yes */
function busy(yes) {
  list.ariaBusy = String(yes)
  more.ariaDisabled = String(yes)
}

function updateEmpty() {
  element('#empty', HTMLParagraphElement).hidden = list.childElementCount > 0 || next !== null
}

/** @param {User} user */
function rowId(user) {
  return `user-${user.id}`
}

/** @param {User} user @param {import('./page.mjs').Announce} announce @returns {HTMLLIElement} */
function row(user, announce) {
  const copy = element('#user', HTMLTemplateElement).content.cloneNode(true)
  const item = element('li', HTMLLIElement, /** @type {DocumentFragment} */ (copy))
  item.id = rowId(user)
  element('.name', HTMLElement, item).textContent = user.name
  element('.email', HTMLElement, item).textContent = user.email
  element('.plan', HTMLElement, item).textContent = user.plan
  const added = element('time', HTMLTimeElement, item)
  added.dateTime = user.createdAt
  added.textContent = dates.format(new Date(user.createdAt))
  const button = element('button', HTMLButtonElement, item)
  button.ariaLabel = `Delete ${user.email}`
  button.addEventListener('click', () => remove(user, item, announce))
  return item
}

/** @param {User} user @param {HTMLLIElement} item @param {import('./page.mjs').Announce} announce */
async function remove(user, item, announce) {
  if (!(await confirmed(`Delete ${user.email}?`))) return
  try {
    await removeUser(user.id)
  } catch (error) {
    return announce.failure(error)
  }
  const neighbour = item.nextElementSibling ?? item.previousElementSibling
  item.remove()
  updateEmpty()
  announce.result(`${user.email} is deleted.`)
  // Otherwise the focus would move to the top of the page with the removed button.
  ;(neighbour?.querySelector('button') ?? heading).focus()
}

/** @param {string} question @returns {Promise<boolean>} */
function confirmed(question) {
  const dialog = element('#confirm', HTMLDialogElement)
  element('#confirm-question', HTMLHeadingElement).textContent = question
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise(resolve =>
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'delete'), { once: true }),
  )
}
