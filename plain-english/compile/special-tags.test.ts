import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import { parse } from '../parse/parse.ts'
import { Source } from '../parse/source.ts'
import { builtInSentences } from '../sentences/built-in.ts'
import { readText } from './read-spec.ts'
import { isSetting, mistakesInTags } from './special-tags.ts'
import { Vocabulary } from './vocabulary.ts'

const tagsOf = (...texts: string[]) => texts.map((text, offset) => ({ text, offset }))

const remedies = {
  '@Skip': '@skip',
  '@Only': '@only',
  '@FIXME': '@fixme',
  '@Slow': '@slow',
  '@Local': '@local',
  '@skip:later': '@skip',
  '@retries': '@retries:2',
  '@Retries:2': '@retries:2',
  '@retries=2': '@retries:2',
  '@retries:-1': '@retries:2',
  '@timeout=30s': '@timeout:30s',
  '@timeout:30': '@timeout:30s',
  '@timeout:0s': '@timeout:30s',
  '@mode': '@mode:serial',
}

test('tags without effect are faults, with a remedy', async () => {
  await forEachRow(
    Object.entries(remedies),
    ([tag]) => tag,
    ([tag, remedy]) => {
      const [mistake] = mistakesInTags(tagsOf('@smoke', tag), [])
      expect(mistake?.offset).toBe(1)
      expect(mistake?.message).toMatch(new RegExp(`^${tag} has no effect: write (it as in )?${remedy}\\.$`))
    },
  )
})

test('special tags in their right form, and tags of users, are none', () => {
  const tags = ['@skip', '@slow', '@local', '@retries:0', '@timeout:1.5s', '@mode:parallel']
  const users = ['@smoke', '@slow-query', '@timeouts', '@skipped', '@users:list', '@mode-x', '@toString:a']
  expect(mistakesInTags(tagsOf(...tags, ...users), [])).toEqual([])
  expect(tags.filter(isSetting)).toEqual(tags.filter(tag => tag !== '@local'))
  expect(users.filter(isSetting)).toEqual([])
})

test('a fault of tags is at its tag, also one of each scenario, and of tags that contradict each other', () => {
  const text = `Tag Each Scenario: @slow @retries:many @fixme
Tag: @smoke @timeout:soon
Scenario: a
GET /a
Tag: @timeout:1s @timeout:2s
Scenario: b
Tag: @only
GET /b
Tag Each Scenario: @late`
  const { faults } = readText(text, 'a.txt', new Vocabulary(builtInSentences))
  expect(faults.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    '1:26 @retries:many has no effect: write it as in @retries:2.',
    '2:13 @timeout:soon has no effect: write it as in @timeout:30s.',
    '5:18 @timeout:2s contradicts @timeout:1s: remove one of them.',
    '7:6 @only has no effect beside @fixme: remove one of them.',
    '9:1 Write Tag Each Scenario: above the first scenario.',
  ])
})

test('a scenario has the tags of each scenario, and its own, which replace them', () => {
  const text = 'Tag Each Scenario: @smoke @timeout:1s\nTag: @timeout:2s\nScenario: a\nGET /a\nScenario: b\nGET /b'
  const { scenarios, faults } = readText(text, 'a.txt', new Vocabulary(builtInSentences))
  expect(faults).toEqual([])
  expect(scenarios.map(({ tags }) => tags)).toEqual([
    ['@smoke', '@timeout:1s', '@timeout:2s'],
    ['@smoke', '@timeout:1s'],
  ])
  expect(parse(new Source(text)).document.tags.map(({ text }) => text)).toEqual(['@smoke', '@timeout:1s'])
})
