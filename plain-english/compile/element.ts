/** An element of a page as a sentence names it: by its role and accessible name. */

export interface Element {
  /** In lower case, such as `button` or `css`; undefined: any element with the name. */
  role: string | undefined
  name: string
}

/** The words that can precede a name, and the ARIA roles that they mean. */
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

/** @param words The words before the name, such as `the button`. */
export function readElement(words: string, name: string): Element {
  const role = words.toLowerCase().replace(/^the\b ?/, '')
  return { role: role === '' ? undefined : role, name }
}

/** The ARIA roles that a word means. */
export function ariaRoles(word: string): readonly AriaRole[] {
  return Object.hasOwn(roles, word) ? roles[word as keyof typeof roles] : []
}
