/** In which order parts stop, and that an error of one stops no other. */
import { expect, test } from '../../testing/test.ts'
import { StartedParts } from './started-parts.ts'

test('parts stop in the reverse order, also after an error of one of them, which is thrown at the end', async () => {
  const parts = new StartedParts()
  const stopped: string[] = []
  const stop = async (part: string, graceMs: number) => {
    stopped.push(`${part} ${graceMs}`)
    if (part !== 'pool') throw new Error(`${part} cannot stop`)
  }
  for (const part of ['pool', 'runs', 'watch']) parts.add(part, stop)
  await expect(parts.stop(5)).rejects.toThrow('watch cannot stop')
  expect(stopped).toEqual(['watch 5', 'runs 5', 'pool 5'])
  await parts.stop(5)
  expect(stopped).toHaveLength(3)
})
