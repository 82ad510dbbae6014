import { expect, test } from '../../testing/test.ts'
import { nearestElements } from './nearest-elements.ts'

const snapshot = `- heading "Users" [level=1]
- button "Sign in" [disabled]
- link "Sign in help":
  - /url: /help
- 'button "Delete: \\"Ada\\""'
- 'link "It''s: here"'
- textbox "Email": ada@example.com
- text: Sign on
- list:
  - listitem: Sign up`

test('the nearest elements have a similar name, those of the role first', () => {
  expect(nearestElements(snapshot, { role: 'button', name: 'Sing in' })).toEqual([
    'button "Sign in"',
    'link "Sign in help"',
  ])
  expect(nearestElements(snapshot, { role: 'link', name: 'sign in' })).toEqual([
    'button "Sign in"',
    'link "Sign in help"',
  ])
  expect(nearestElements(snapshot, { role: undefined, name: 'E-mail' })).toEqual(['field "Email"'])
  expect(nearestElements(snapshot, { role: undefined, name: 'Delete: Ada' })).toEqual(['button "Delete: \\"Ada\\""'])
  expect(nearestElements(snapshot, { role: undefined, name: "It's here" })).toEqual(['link "It\'s: here"'])
  expect(nearestElements(snapshot, { role: undefined, name: 'Checkout' })).toEqual([])
  expect(nearestElements('', { role: undefined, name: '' })).toEqual([])
})
