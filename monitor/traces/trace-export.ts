/** Exports the replays of runs as OpenTelemetry traces, if the environment variables say where to. */
import type { TraceExport, TraceReports } from './span-export.ts'
import { type ExportOptions, type ReadTraceSettings, readTraceSettings } from './trace-settings.ts'

/** Undefined if no variable asks for it. Complains about variables with which nothing can be exported. */
export async function openTraceExport(
  env: NodeJS.ProcessEnv,
  complain: (text: string) => void,
  reports: TraceReports,
): Promise<TraceExport | undefined> {
  const settings = settingsOrComplaint(env, complain)
  if (!settings) return undefined
  // OpenTelemetry's SDK takes time to load, and few use it.
  const { startExport } = await import('./span-export.ts')
  return startExport(settings, reports)
}

function settingsOrComplaint(env: NodeJS.ProcessEnv, complain: (text: string) => void): ExportOptions | undefined {
  const read: ReadTraceSettings = readTraceSettings(env)
  if ('fault' in read) complain(`Replays are not exported as traces: ${read.fault}.`)
  return 'options' in read ? read.options : undefined
}
