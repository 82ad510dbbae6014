/** Connects to an environment for removals. */
import { senderOf } from '../../environment/ledger/sender.ts'
import type { ResolvedEnvironment } from '../../environment/resolve-environment.ts'

export async function connectSender(target: ResolvedEnvironment) {
  // Seldom needed, and slow to load.
  const { request } = await import('@playwright/test')
  const context = await request.newContext(target.tls)
  return { send: senderOf(context, target), close: () => context.dispose() }
}
