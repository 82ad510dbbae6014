/**
 * Keeps a page current: when the monitor reports a change of what the page shows, and every minute, fetches the page again and
 * replaces its `<main>`. The attribute `data-shows` of `<main>` has the checks and incidents that it shows. Keeps the focus, opened `<details>` and the scroll position. Pauses while the tab is hidden, and while a form field in `<main>` is focused
 * or edited. After each replacement the document dispatches `main-replaced`.
 *
 * Other scripts pause it by an element in `<main>` with the attribute `data-pauses`, whose value is the reason, and dispatch
 * `pause-changed` on the document when they set or remove it.
 */

/** Where `/events` is refused, for example because too many pages listen, the page is fetched this often. */
const pollMs = 30_000

/** Some things change with time alone, or are not reported: that a result is overdue, or an alert was delivered. */
const freshMs = 60_000

const note = document.createElement('p')
note.className = 'live'
note.setAttribute('role', 'status')
document.querySelector('body > nav')?.append(note)

/** Undefined until it is known. @type {boolean | undefined} */
let isConnected

/** @param {boolean | undefined} isNowConnected */
function show(isNowConnected = isConnected) {
  isConnected = isNowConnected
  if (isConnected === undefined) return
  const reason = pauseReason()
  const text = isConnected ? (reason ? `Paused ${reason}` : 'Live') : 'Not live'
  note.classList.toggle('on', text === 'Live')
  // A status that is set again may be spoken again.
  if (note.textContent !== text) note.textContent = text
}

/** @type {EventSource | undefined} */
let source
/** @type {ReturnType<typeof setTimeout> | undefined} */
let polling
/** @type {ReturnType<typeof setTimeout> | undefined} */
let ageing

function listen() {
  clearTimeout(polling)
  source?.close()
  source = undefined
  // A browser has few connections to one host, so a hidden tab holds none.
  if (document.hidden) return
  const own = new EventSource('/events')
  source = own
  let isFirst = true
  own.addEventListener('open', () => {
    show(true)
    // There may have been changes while it was not connected.
    if (!isFirst) changed()
    isFirst = false
  })
  own.addEventListener('change', ({ data }) => {
    if (isShown(data)) changed()
  })
  own.addEventListener('error', () => {
    show(false)
    // Otherwise the browser connects again by itself.
    if (own.readyState === EventSource.CLOSED) polling = setTimeout(again, pollMs)
  })
}

function again() {
  listen()
  if (!document.hidden) changed()
}

/**
 * Whether the page shows something of a change.
 * @param {string} data Names of `checks` and numbers of `incidents`; without them, anything may have changed.
 */
function isShown(data) {
  const text = document.querySelector('main')?.getAttribute('data-shows')
  const { checks, incidents } = JSON.parse(data || '{}')
  if (!text || !checks || !incidents) return true
  const shown = JSON.parse(text)
  /** @param {unknown} incident */
  const isShownIncident = incident => shown.incidents === 'all' || shown.incidents.includes(incident)
  return incidents.some(isShownIncident) || checks.some((/** @type {string} */ check) => shown.checks.includes(check))
}

/** A change was reported since the page was fetched last. */
let isDue = false
let isFetching = false

function changed() {
  isDue = true
  void update()
}

async function update() {
  show()
  if (!isDue || isFetching || document.hidden || pauseReason()) return
  isDue = false
  isFetching = true
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } })
    const isPage = response.headers.get('content-type')?.startsWith('text/html')
    // Such as to a login.
    if (response.redirected || !isPage) throw new Error('The page is elsewhere.')
    const next = new DOMParser().parseFromString(await response.text(), 'text/html')
    // What was begun meanwhile is not lost.
    if (pauseReason()) isDue = true
    else replaceMain(next)
  } catch {
    show(false)
  } finally {
    isFetching = false
    clearTimeout(ageing)
    ageing = setTimeout(changed, freshMs)
  }
  void update()
}

/** Such as `while you edit`; undefined if the page may be replaced. */
function pauseReason() {
  const fields = document.querySelectorAll('main :is(input, select, textarea)')
  if ([...fields].some(field => field === document.activeElement || hasNewValue(field))) return 'while you edit'
  return document.querySelector('main [data-pauses]')?.getAttribute('data-pauses') ?? undefined
}

/** @param {Element} field */
function hasNewValue(field) {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue
  if (field instanceof HTMLInputElement)
    return field.checked !== field.defaultChecked || field.value !== field.defaultValue
  if (!(field instanceof HTMLSelectElement) || field.multiple) return false
  const usual = [...field.options].findLast(option => option.defaultSelected)?.index ?? 0
  return field.selectedIndex !== usual
}

/** @param {Document} next */
function replaceMain(next) {
  const main = document.querySelector('main')
  const newMain = next.querySelector('main')
  if (!main || !newMain) return
  const before = byKey(main.querySelectorAll('details'))
  for (const [key, details] of byKey(newMain.querySelectorAll('details'))) {
    details.open = before.get(key)?.open ?? details.open
  }
  const focused = [...main.querySelectorAll(':focus')].at(0)
  const top = scrollY
  main.replaceWith(newMain)
  document.title = next.title
  const icon = next.querySelector('link[rel="icon"]')
  if (icon) document.querySelector('link[rel="icon"]')?.replaceWith(icon)
  if (focused) focusLike(newMain, focused)
  scrollTo({ top, behavior: 'instant' })
  document.dispatchEvent(new Event('main-replaced'))
}

/** @param {Element} newMain @param {Element} focused Of what was replaced. */
function focusLike(newMain, focused) {
  const alike = (/** @type {Element | null} */ main) => byKey(main?.querySelectorAll(focused.localName) ?? [])
  const [key = ''] = [...alike(focused.closest('main'))].find(([, element]) => element === focused) ?? []
  const same = alike(newMain).get(key)
  if (same instanceof HTMLElement) same.focus({ preventScroll: true })
}

/**
 * Each element with a key of its own: those that are alike are numbered.
 * @template {Element} E
 * @param {Iterable<E>} elements
 */
function byKey(elements) {
  const counts = /** @type {Map<string, number>} */ (new Map())
  const found = /** @type {Map<string, E>} */ (new Map())
  for (const element of elements) {
    const key = keyOf(element)
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    found.set(`${key} ${count}`, element)
  }
  return found
}

/**
 * What identifies an element, also after a replacement: its id, or what it is in, where it leads and its text.
 * @param {Element} element
 */
function keyOf(element) {
  if (element.id) return element.id
  const labelled = element.localName === 'details' ? element.querySelector('summary') : element
  // Figures in a text change; the words around them do not.
  const text = (labelled?.textContent ?? '').replace(/\d[\d.,:]*/g, '0')
  const around = element.parentElement?.closest('[id], [data-key]')
  const place = around?.getAttribute('data-key') ?? around?.id
  return JSON.stringify([place, element.getAttribute('name'), element.getAttribute('href'), text])
}

document.addEventListener('visibilitychange', () => (document.hidden ? listen() : again()))
for (const type of ['focusin', 'input', 'pause-changed']) document.addEventListener(type, update)
// After the focus has moved on, or the fields are reset.
for (const type of ['focusout', 'reset']) document.addEventListener(type, () => setTimeout(update))

listen()
ageing = setTimeout(changed, freshMs)
