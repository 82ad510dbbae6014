import { expect, test } from '../../testing/test.ts'
import { startupCode } from '../protocol/frontend-messages.ts'
import { StartupPhase } from './startup-phase.ts'

function offer(code: number): Buffer {
  const packet = Buffer.alloc(8)
  packet.writeUInt32BE(packet.length)
  packet.writeUInt32BE(code, 4)
  return packet
}

test('encryption is declined once of each kind, and then refused, as a server without it does', () => {
  const phase = new StartupPhase('secret')
  for (const code of [startupCode.gss, startupCode.ssl]) {
    expect(phase.read(offer(code))).toEqual({ reply: [Buffer.from('N')] })
  }
  const { reply, close } = phase.read(offer(startupCode.ssl))
  expect(close).toBe(true)
  expect(Buffer.concat(reply).toString()).toContain(
    'unsupported frontend protocol 1234.5679: server supports 3.0 to 3.0',
  )
})

test('what follows an offer of encryption in the same write is refused', () => {
  const { reply, close } = new StartupPhase('secret').read(Buffer.concat([offer(startupCode.gss), Buffer.from('x')]))
  expect(close).toBe(true)
  expect(Buffer.concat(reply).toString()).toMatch(/^N.*received unencrypted data after GSSAPI encryption request/s)
})
