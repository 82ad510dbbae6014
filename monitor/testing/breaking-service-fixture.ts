/** A target that can be broken, or be made to hang, and knows the replays that have come. */
import type { RequestListener } from 'node:http'

/** The text of a spec that fails when the target is broken. */
export const answers = `test('answers', async ({ request }) => { expect((await request.get('/')).status()).toBe(200) })`

export function service() {
  const replays: string[] = []
  const state = { status: 200, hangs: false, onRequest: (): unknown => undefined }
  const waiting: (() => void)[] = []
  const listener: RequestListener = (request, response) => {
    const replay = request.headers['x-reprise-replay']
    const answer = () => response.writeHead(state.status).end()
    if (state.hangs) waiting.push(answer)
    else answer()
    // A monitor that gets no answer asks for itself as well.
    if (replay === undefined) return
    replays.push(String(replay))
    state.onRequest()
  }
  return {
    state,
    replays,
    listener,
    goOn: () => {
      state.hangs = false
      for (const answer of waiting.splice(0)) answer()
    },
    request: () =>
      new Promise<void>(resolve => {
        state.onRequest = resolve
      }),
  }
}
