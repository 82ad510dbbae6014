/** Connects to an environment for removals. */
import { senderOf } from '../../target/ledger/sender.ts'
import type { Target } from '../../target/target.ts'

export async function connectSender(target: Target) {
  // Seldom needed, and slow to load.
  const { request } = await import('@playwright/test')
  const context = await request.newContext(target.tls)
  return { send: senderOf(context, target), close: () => context.dispose() }
}
