import { expect, test } from '../../testing/test.ts'
import { shareWork } from './shared-work.ts'

test('requests during the work share the next one, also after an error, and each thing has its own', async () => {
  const share = shareWork<number>()
  const begun: { key: string; end(result: number | Error): void }[] = []
  const ask = (key: string) =>
    share(
      key,
      () =>
        new Promise((resolve, reject) => {
          begun.push({ key, end: result => (result instanceof Error ? reject(result) : resolve(result)) })
        }),
    )
  const first = ask('a')
  const [second, third] = [ask('a'), ask('a')]
  const other = ask('b')
  expect(begun.map(({ key }) => key)).toEqual(['a', 'b'])
  begun[1]?.end(10)
  expect(await other).toBe(10)
  begun[0]?.end(new Error('lost'))
  await expect(first).rejects.toThrow('lost')
  await expect.poll(() => begun.length).toBe(3)
  const fourth = ask('a')
  begun[2]?.end(2)
  expect(await Promise.all([second, third])).toEqual([2, 2])
  await expect.poll(() => begun.length).toBe(4)
  begun[3]?.end(3)
  expect(await fourth).toBe(3)
  const fifth = ask('a')
  begun[4]?.end(4)
  expect(await fifth).toBe(4)
})
