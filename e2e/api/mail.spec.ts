// The mail to a new user. docs/mail.md has the same test.
import { expect, test } from '../test.ts'

test('a new user is welcomed', async ({ request, mail, unique }) => {
  const email = unique.email()
  await request.post('/users', { data: { email, name: 'Ada Lovelace' } })
  const { subject, text, links } = await mail.waitFor({ to: email })
  expect(subject).toBe('Welcome')
  expect(text).toContain('Welcome, Ada Lovelace!')
  const [account] = links
  const found = await request.get(new URL(account?.url ?? '/').pathname)
  expect(await found.json()).toMatchObject({ email })
})

test('a user who is refused gets no mail', async ({ request, mail, unique }) => {
  const email = unique.email()
  const response = await request.post('/users', { data: { email, name: '' } })
  expect(response.status()).toBe(422)
  expect(await mail.list({ to: email })).toEqual([])
})
