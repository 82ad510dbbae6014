import { expect } from '@playwright/test'
import fc from 'fast-check'
import { test } from '../testing/store-fixture.ts'
import { storableJson, storableText } from './storable.ts'

test('all text and JSON is stored unchanged, except that NUL and lone surrogates become U+FFFD', async ({ pool }) => {
  const unit = fc.oneof(
    fc.constantFrom(
      '\u0000',
      '\ud83d',
      '\udca5',
      '\u{1f4a5}',
      '\ufffd',
      '\\',
      '\\u0000',
      '\\ud83d',
      '"',
      '\n',
      '\ue000',
    ),
    fc.string({ unit: 'binary' }),
  )
  const text = fc.array(unit).map(units => units.join(''))
  await fc.assert(
    fc.asyncProperty(text, async given => {
      const shown = Buffer.from(given).toString().replaceAll('\u0000', '\ufffd')
      const value = { [given]: [given, 1, null], list: [{ text: given }] }
      const stored = await pool.query('select $1::text as text, $2::jsonb as json', [
        storableText(given),
        storableJson(value),
      ])
      expect(stored.rows).toEqual([{ text: shown, json: { [shown]: [shown, 1, null], list: [{ text: shown }] } }])
    }),
  )
})
