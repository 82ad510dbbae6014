import { expect, test } from '../testing/test.ts'
import { packagedPage } from './packaged-page.ts'

const contains = (path: string) => ['README.md', 'docs/sandbox.md', 'docs/sandbox.svg'].includes(path)

test('a link to what the package lacks becomes its text, and all others stay', () => {
  const page = [
    '[The sandbox](sandbox.md#options), [start](../README.md), [here](#here), [Slack](https://slack.com/)',
    '![a picture](sandbox.svg) and [a test](sandbox.system.test.ts), [`docs/decisions`](decisions)',
    '```sh',
    'echo "[a test](none.ts)"',
    '```',
  ]
  const [first, , ...code] = page
  expect(packagedPage(page.join('\n'), 'docs/page.md', contains).split('\n')).toEqual([
    first,
    '![a picture](sandbox.svg) and a test, `docs/decisions`',
    ...code,
  ])
})
