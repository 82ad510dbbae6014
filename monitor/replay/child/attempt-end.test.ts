import { expect, test } from '@playwright/test'
import { Redactor } from '../../../environment/secrets/redaction/redactor.ts'
import { errorPlace } from './attempt-end.ts'

test('a secret at the cut of a long message is removed, with the part that is left of it', () => {
  const secret = '😀-schlüssel-4711-ßtimmt-"\\'
  const redactor = new Redactor(new Map([['KEY', secret]]))
  for (let before = 10_000 - secret.length; before <= 10_000; before++) {
    const { message } = errorPlace({ message: `${'x'.repeat(before)}${secret}${'y'.repeat(100)}` }, '/')
    const redacted = redactor.text(message)
    expect(redacted).toMatch(/x(\[KEY\]|.{0,5})…$/u)
    for (let at = 0; at + 6 <= secret.length; at++) expect(redacted).not.toContain(secret.slice(at, at + 6))
  }
})
