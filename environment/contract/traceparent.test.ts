import { expect, test } from '../../testing/test.ts'
import { startTrace, traceIdOf, traceOfReplay } from './traceparent.ts'

test('the attempts of a replay have one trace, and each request a span of its own', () => {
  const replay = '0F9b1c9e-3f0a-4d5e-8a51-2f6f6b0c1d2e'
  const trace = traceOfReplay(replay)
  expect(trace).toBe('0f9b1c9e3f0a4d5e8a512f6f6b0c1d2e')
  const [first, second] = [startTrace(trace), startTrace(trace)]
  const sent = [first(), first(), second()]
  expect(sent.map(traceIdOf)).toEqual([trace, trace, trace])
  expect(new Set(sent).size).toBe(3)
  for (const each of sent) expect(each).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/)
})

test('a test of several replays has a trace beside theirs, and one without a replay a new one', () => {
  const [one, other] = ['0f9b1c9e-3f0a-4d5e-8a51-2f6f6b0c1d2e', '1f9b1c9e-3f0a-4d5e-8a51-2f6f6b0c1d2e']
  const joint = traceOfReplay(`${one}, ${other}`)
  expect(joint).toMatch(/^[\da-f]{32}$/)
  expect(joint).toBe(traceOfReplay(`${one}, ${other}`))
  expect([traceOfReplay(one), traceOfReplay(other)]).not.toContain(joint)
  expect(traceOfReplay('9bcb2c45050d3d1d')).toMatch(/^[\da-f]{32}$/)
  expect(traceIdOf(startTrace()())).not.toBe(traceIdOf(startTrace()()))
})
