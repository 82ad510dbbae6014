/** An element of a page as a sentence names it: by its role and accessible name. */

export interface Element {
  /** In lower case, such as `button` or `css`; undefined: any element with the name. */
  role: string | undefined
  name: string
  /** Which one of several that are visible, from 0; -1: the last; undefined: there is one. */
  place?: number | undefined
  /** The element that contains it, as in `button "Delete" in row "Ada"`; undefined: it can be anywhere on the page. */
  within?: Element | undefined
}

/** The words that can precede a name, and the ARIA roles that they mean. */
const roles = {
  button: ['button'],
  link: ['link'],
  checkbox: ['checkbox', 'switch'],
  switch: ['switch'],
  radio: ['radio'],
  option: ['option'],
  tab: ['tab'],
  heading: ['heading'],
  image: ['img'],
  menu: ['menu'],
  'menu item': ['menuitem', 'menuitemcheckbox', 'menuitemradio'],
  row: ['row'],
  cell: ['cell', 'gridcell'],
  'column header': ['columnheader'],
  table: ['table', 'grid'],
  list: ['list'],
  'list box': ['listbox'],
  item: ['listitem', 'treeitem'],
  dialog: ['dialog', 'alertdialog'],
  alert: ['alert'],
  status: ['status'],
  form: ['form'],
  group: ['group'],
  region: ['region'],
  navigation: ['navigation'],
  article: ['article'],
  slider: ['slider'],
  'progress bar': ['progressbar'],
  tooltip: ['tooltip'],
  field: ['textbox', 'searchbox', 'spinbutton', 'combobox'],
} as const

type AriaRole = (typeof roles)[keyof typeof roles][number]

/** Words for what has a role. */
const roleWords: readonly string[] = Object.keys(roles)

export const elementRoles: readonly string[] = [...roleWords, 'css', 'text', 'placeholder', 'test id']

/** Matches one or more elements of a role, such as `rows` or `menu item`. */
export const kindPattern = `(?:${roleWords.join('|')})(?:e?s)?`

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']

/** Matches the word for one of several elements, such as `first` or `12th`. */
export const placePattern = String.raw`(?:${ordinals.join('|')}|last|[1-9]\d{0,3}(?:st|nd|rd|th))`

const placed = new RegExp(`^(${placePattern})(?: |$)`)

/** @param words The words before the name, such as `the button` or `2nd row`. */
export function readElement(words: string, name: string, within?: Element): Element {
  const own = words.toLowerCase().replace(/^the\b ?/, '')
  const [, word] = placed.exec(own) ?? []
  const role = own.replace(placed, '')
  const place = word === undefined ? undefined : readPlace(word)
  return {
    role: role === '' ? undefined : role,
    name,
    ...(place !== undefined && { place }),
    ...(within && { within }),
  }
}

function readPlace(word: string): number {
  if (word === 'last') return -1
  const named = ordinals.indexOf(word)
  return named < 0 ? Number.parseInt(word, 10) - 1 : named
}

/** The word for one element, of a text that matches `kindPattern`. */
export function readKind(text: string): string {
  const word = text.toLowerCase()
  return roleWords.find(role => [role, `${role}s`, `${role}es`].includes(word)) ?? word
}

/** The ARIA roles that a word means. */
export function ariaRoles(word: string): readonly AriaRole[] {
  return Object.hasOwn(roles, word) ? roles[word as keyof typeof roles] : []
}

/** The word for an ARIA role; the role itself if no word means it. */
export function wordForRole(role: string): string {
  return roleWords.find(word => ariaRoles(word).some(one => one === role)) ?? role
}

/** Such as `button "Delete" in row "Ada"`. */
export function elementText({ role, name, place, within }: Element): string {
  const words = [place === undefined ? [] : placeWord(place), role ?? []].flat().map(word => `${word} `)
  const own = `${words.join('')}${JSON.stringify(name)}`
  return within ? `${own} in ${elementText(within)}` : own
}

function placeWord(place: number): string {
  if (place < 0) return 'last'
  if (place === 0) return 'first'
  const number = place + 1
  const isTeen = number % 100 >= 11 && number % 100 <= 13
  return `${number}${(isTeen ? undefined : ['st', 'nd', 'rd'][(number % 10) - 1]) ?? 'th'}`
}
