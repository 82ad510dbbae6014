import type { APIResponse } from '@playwright/test'
import { expect, test } from '../../testing/test.ts'
import { exchangeText } from './exchange.ts'

test('secrets are removed from a body before it is shortened', () => {
  const secret = 'canary-4711-of-the-secret'
  const response: Pick<APIResponse, 'status' | 'statusText' | 'headers'> = {
    status: () => 200,
    statusText: () => 'OK',
    headers: () => ({}),
  }
  for (let before = 1500 - secret.length; before < 1500; before++) {
    const text = `${'x'.repeat(before)}${secret}${'y'.repeat(100)}`
    const exchange = {
      method: 'POST',
      url: '/',
      headers: {},
      body: text,
      redirects: [],
      response: response as APIResponse,
      text,
      data: undefined,
    }
    const shown = exchangeText({ ...exchange, durationMs: 1 }, 1500, part => part.replaceAll(secret, '*'))
    expect(shown).not.toContain('canary')
    expect(shown).toContain('x*')
    expect(shown).toContain('… (')
  }
})
