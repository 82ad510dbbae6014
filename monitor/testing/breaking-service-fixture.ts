/** A target that can fail or hang, and records the replays that reach it. */
import type { RequestListener } from 'node:http'

/** Source of a spec that fails when the target fails. */
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
    // The monitor itself sends requests without this header, to an environment that does not respond.
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
