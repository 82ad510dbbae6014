/** Sentences about a list in the last response. */
import { expect } from '@playwright/test'
import { follow, parsePath } from '../parse/field-path.ts'
import { assertThat } from '../run/assertion.ts'
import { fieldOf } from '../run/field-of.ts'
import { expectMatch, matchesPart } from '../run/partial-match.ts'
import type { RunningScenario } from '../run/running-scenario.ts'
import { defineSentence } from './define-sentence.ts'

export const lists = [
  defineSentence(
    'Each Item Of {field} Should Match {json}',
    ({ scenario }, path, part) => {
      for (const [index, item] of listOf(scenario, path).entries()) expectMatch(item, part, `${path}[${index}]`)
    },
    {
      meaning:
        'each item has at least these fields (an empty list passes); markers such as #string match as for Response Body Should Match',
      example: 'Each Item Of users Should Match {"id": #uuid, "plan": "free"}',
    },
  ),
  defineSentence(
    '(Field ){field} Should Contain Item {json}',
    ({ scenario }, path, part) => {
      const list = listOf(scenario, path)
      const claim = { subject: path, words: 'should contain an item that matches', wanted: part }
      assertThat(list, claim, () =>
        expect(
          list.some(item => matchesPart(item, part)),
          `an item of ${path} matches`,
        ).toBe(true),
      )
    },
    {
      meaning: 'an item of the list has at least these fields',
      example: 'users Should Contain Item {"name": "Ada"}',
    },
  ),
  defineSentence(
    '(Field ){field} Should Not Contain Item {json}',
    ({ scenario }, path, part) => {
      const found = listOf(scenario, path).filter(item => matchesPart(item, part))
      const claim = { subject: `the items of ${path} that match`, words: 'should be none' }
      assertThat(found, claim, it => it.toEqual([]))
    },
    { meaning: 'no item of the list has these fields', example: 'users Should Not Contain Item {"name": "Grace"}' },
  ),
  defineSentence(
    '(Field ){field} Should Be Sorted By {field}',
    ({ scenario }, path, by) => expectSorted(scenario, path, by, 1),
    {
      meaning: 'the items are in ascending order of this field, or of themselves: $',
      example: 'users Should Be Sorted By name',
    },
  ),
  defineSentence(
    '(Field ){field} Should Be Sorted By {field} Descending',
    ({ scenario }, path, by) => expectSorted(scenario, path, by, -1),
    { meaning: 'the items are in descending order', example: 'users Should Be Sorted By createdAt Descending' },
  ),
  defineSentence(
    '(Field ){field} Should Have Unique Items',
    ({ scenario }, path) => {
      const texts = listOf(scenario, path).map(item => JSON.stringify(item))
      const twice = texts.filter((text, index) => texts.indexOf(text) < index).map(text => JSON.parse(text))
      assertThat(twice, { subject: `what ${path} has twice`, words: 'should be none' }, it => it.toEqual([]))
    },
    { meaning: 'no two items of the list are equal', example: 'ids Should Have Unique Items' },
  ),
]

function listOf(scenario: RunningScenario, path: string): readonly unknown[] {
  const value = fieldOf(scenario, path)
  if (Array.isArray(value)) return value
  throw new Error(`${path} is no list: it is ${JSON.stringify(value)}.`)
}

function expectSorted(scenario: RunningScenario, path: string, by: string, direction: 1 | -1): void {
  const keys = listOf(scenario, path).map(item => follow(parsePath(by), item))
  const missing = keys.findIndex(key => typeof key !== 'string' && typeof key !== 'number')
  if (missing >= 0) {
    throw new Error(`${path}[${missing}].${by} is ${JSON.stringify(keys[missing]) ?? 'missing'}, which has no order.`)
  }
  const sorted = keys.toSorted((one, other) => direction * compare(one, other))
  const words = `should be sorted by ${by}${direction < 0 ? ' descending' : ''}`
  // Texts that differ in accents or in case only may be in either order.
  const isSorted = keys.every((key, index) => compare(key, sorted[index]) === 0)
  assertThat(keys, { subject: path, words }, it => it.toEqual(isSorted ? keys : sorted))
}

/** Numbers by their size, texts as people sort them: neither accents nor case count. */
function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one).localeCompare(String(other), 'en', { sensitivity: 'base' })
}
