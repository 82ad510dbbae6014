/** `/events` reports changes of what the pages show, as server-sent events. */
import { expect } from '@playwright/test'
import { test } from '../testing/status-page-fixture.ts'
import { monitor, replay } from '../testing/store-fixture.ts'

/** The events of a stream, each when it has come. */
async function* eventsOf(response: Response) {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) if (block.startsWith('event:')) yield block
  }
}

test('a recorded replay is an event for all readers', async ({ pool, served }) => {
  await monitor(pool, { name: 'users' })
  const responses = await Promise.all([1, 2].map(() => fetch(`${served.url}/events`)))
  const [one, two] = responses.map(eventsOf)
  expect(responses.map(({ headers }) => headers.get('content-type'))).toEqual(Array(2).fill('text/event-stream'))
  await replay(pool, 'users', 60, 'passed')
  const change = { done: false, value: 'event: change\ndata:' }
  expect(await one?.next()).toEqual(change)
  expect(await two?.next()).toEqual(change)
  await Promise.all([one?.return(), two?.return()])
})
