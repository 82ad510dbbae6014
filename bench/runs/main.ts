/** Runs the checks of a folder several times. Arguments: the folder, the number of runs. */
import { runChecks } from '../run-checks.ts'

const [folder = '', times = '1'] = process.argv.slice(2)
await runChecks(folder, process.env, Number(times))
