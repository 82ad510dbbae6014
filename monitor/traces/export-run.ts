/** Exports one run as traces, for a command that ends after it. */
import type { RunDocument } from '../replay/document.ts'
import { openTraceExport } from './trace-export.ts'

/** Takes at most 5 seconds, and complains once about what could not be exported. Never rejects for the receiver's sake. */
export async function exportRun(
  document: RunDocument,
  env: NodeJS.ProcessEnv,
  complain: (text: string) => void,
): Promise<void> {
  let dropped = 0
  let reason: string | undefined
  const traces = await openTraceExport(env, complain, {
    onExported: () => undefined,
    onDropped: (spans, error) => {
      dropped += spans
      reason ??= error.message
    },
  })
  traces?.take(document)
  await traces?.close()
  if (reason !== undefined) complain(`Not exported: ${dropped} spans of the traces of this run: ${reason}.`)
}
