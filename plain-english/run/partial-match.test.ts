import { expect, test } from '../../testing/test.ts'
import type { JsonValue } from '../parse/json/json.ts'
import { expectExactMatch, expectMatch } from './partial-match.ts'

const user = { id: 7, name: 'Ada', address: { city: 'London', zip: null }, tags: [{ name: 'a' }] }

function passes(assertion: (actual: unknown, part: JsonValue) => void, part: JsonValue): boolean {
  try {
    assertion(user, part)
    return true
  } catch {
    return false
  }
}

test('a part needs the fields that it has, and the whole needs all fields', () => {
  const whole = { id: '#number', name: 'Ada', address: { city: '#string', zip: null }, tags: [{ name: '#string' }] }
  const samples: [JsonValue, isPart: boolean, isWhole: boolean][] = [
    [whole, true, true],
    [{ ...whole, address: '#object', tags: '#array' }, true, true],
    [{ id: 7 }, true, false],
    [{ ...whole, address: { city: 'London' } }, true, false],
    [{ ...whole, tags: [{}] }, true, false],
    [{ ...whole, tags: [] }, false, false],
    [{ ...whole, age: '#ignore' }, true, true],
    [{ ...whole, age: 36 }, false, false],
    [{ ...whole, id: '#string' }, false, false],
  ]
  for (const [part, isPart, isWhole] of samples) {
    expect({ part, isPart: passes(expectMatch, part), isWhole: passes(expectExactMatch, part) }).toEqual({
      part,
      isPart,
      isWhole,
    })
  }
})
