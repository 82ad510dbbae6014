import { expect, test } from '@playwright/test'
import { faultOfTag } from './special-tags.ts'

for (const [tag, remedy] of Object.entries({
  '@Skip': '@skip',
  '@Only': '@only',
  '@FIXME': '@fixme',
  '@Slow': '@slow',
  '@Local': '@local',
  '@skip:later': '@skip',
  '@retries': '@retries:2',
  '@Retries:2': '@retries:2',
  '@retries=2': '@retries:2',
  '@timeout=30s': '@timeout:30s',
  '@timeout:30': '@timeout:30s',
  '@mode': '@mode:serial',
})) {
  test(`${tag} is a fault`, () => {
    expect(faultOfTag(tag)).toMatch(new RegExp(`^${tag} has no effect: write (it as in )?${remedy}\\.$`))
  })
}

test('special tags in their right form, and tags of users, are none', () => {
  const tags = ['@skip', '@only', '@slow', '@local', '@retries:0', '@timeout:1.5s', '@mode:parallel']
  for (const tag of [...tags, '@smoke', '@slow-query', '@timeouts', '@skipped', '@users:list', '@mode-x']) {
    expect(faultOfTag(tag)).toBeUndefined()
  }
})
