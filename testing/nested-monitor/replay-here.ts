/** Replays the checks of a small project from this process, as `monitor run` does from one of its own. */
import { chooseChecks } from '../../cli/chosen-checks.ts'
import { loadConfiguration } from '../../monitor/config/load-configuration.ts'
import type { RunDocument } from '../../monitor/replay/document.ts'
import { replay } from '../../monitor/replay/replay.ts'
import type { ReportFormat } from '../../monitor/replay/report.ts'

/** Throws what has gone wrong beside the outcomes. */
export async function replayHere(
  folder: string,
  format: ReportFormat,
  env: NodeJS.ProcessEnv,
  environment?: string,
): Promise<RunDocument> {
  const configuration = await loadConfiguration(folder)
  const complaints: string[] = []
  const document = await replay({
    ...{ configuration, ...chooseChecks(configuration, [], environment, env), env, format },
    asked: new Promise(() => undefined),
    complain: text => complaints.push(text),
  })
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
  return document
}
