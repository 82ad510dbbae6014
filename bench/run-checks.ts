/** Runs the checks of a folder's configuration, as a running monitor does. */
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { replay } from '../monitor/replay/replay.ts'

/** Runs all checks the given number of times. Throws if a run fails. */
export async function runChecks(folder: string, env: NodeJS.ProcessEnv, times = 1): Promise<void> {
  const configuration = await loadConfiguration(folder)
  const [[name, environment] = []] = Object.entries(configuration.environments)
  if (name === undefined || environment === undefined) throw new Error('The benchmark has no environment.')
  for (let i = 0; i < times; i++) {
    const document = await replay({
      configuration,
      name,
      environment,
      checks: configuration.checks,
      env,
      asked: new Promise(() => undefined),
      complain: text => {
        throw new Error(text)
      },
    })
    if (document.exitCode !== 0) throw new Error(`The benchmark's run failed: ${JSON.stringify(document)}`)
  }
}
