import { expect, test } from '../../testing/test.ts'
import { startSweeps } from './ledger-sweeper.ts'

for (const [what, end] of [
  ['ended', () => Promise.resolve()],
  ['failed', () => Promise.reject(new Error('The disk is broken.'))],
] as const) {
  test(`leaks can be reported once a sweep has ${what}, not before`, async () => {
    let goOn = () => undefined as unknown
    const pause = new Promise<void>(resolve => {
      goOn = resolve
    })
    const sweeps = await new Promise<ReturnType<typeof startSweeps>>(resolve => {
      const started = startSweeps({
        sweep: () => pause.then(end),
        onError: () => resolve(started),
        onDone: () => resolve(started),
      })
      expect(started.hasSwept()).toBe(false)
      goOn()
    })
    expect(sweeps.hasSwept()).toBe(true)
    await sweeps.stop()
  })
}
