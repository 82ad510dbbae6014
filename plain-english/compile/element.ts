/** An element of a page as a sentence names it: by its role and accessible name. */

export interface Element {
  /** In lower case, such as `button` or `css`; undefined: any element with the name. */
  role: string | undefined
  name: string
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

/** @param words The words before the name, such as `the button`. */
export function readElement(words: string, name: string, within?: Element): Element {
  const role = words.toLowerCase().replace(/^the\b ?/, '')
  return { role: role === '' ? undefined : role, name, ...(within && { within }) }
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
export function elementText({ role, name, within }: Element): string {
  const own = `${role === undefined ? '' : `${role} `}${JSON.stringify(name)}`
  return within ? `${own} in ${elementText(within)}` : own
}
