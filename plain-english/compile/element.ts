/** How a sentence names something on a page: by its role and name, as a person would. */

export interface Element {
  /** As it was written, in lower case: `button`, `css`; undefined: whatever has the name. */
  role: string | undefined
  name: string
}

/** The words for roles that can stand before a name, and the roles that Playwright knows them by; css is none. */
const roles = {
  button: ['button'],
  link: ['link'],
  checkbox: ['checkbox', 'switch'],
  radio: ['radio'],
  option: ['option'],
  tab: ['tab'],
  heading: ['heading'],
  image: ['img'],
  menu: ['menu'],
  'menu item': ['menuitem'],
  row: ['row'],
  cell: ['cell'],
  table: ['table'],
  list: ['list'],
  item: ['listitem'],
  dialog: ['dialog'],
  alert: ['alert'],
  status: ['status'],
  form: ['form'],
  region: ['region'],
  field: ['textbox', 'searchbox', 'spinbutton', 'combobox'],
} as const

type AriaRole = (typeof roles)[keyof typeof roles][number]

export const elementRoles: readonly string[] = [...Object.keys(roles), 'css', 'text']

/** @param words Those before the name: `the button`. */
export function readElement(words: string, name: string): Element {
  const role = words.toLowerCase().replace(/^the\b ?/, '')
  return { role: role === '' ? undefined : role, name }
}

/** The roles that a word stands for. */
export function ariaRoles(word: string): readonly AriaRole[] {
  return Object.hasOwn(roles, word) ? roles[word as keyof typeof roles] : []
}
