/** Runs the checks of a folder several times with the package that is installed there. Arguments: the folder, how often. */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Program, runChecks } from '../run-checks.ts'

const [folder = '', times = '1'] = process.argv.slice(2)
const ofPackage = (file: string) =>
  import(pathToFileURL(path.join(folder, 'node_modules/reprise/monitor', file)).href) as Promise<Program>
const { loadConfiguration } = await ofPackage('config/load-configuration.js')
const { replay } = await ofPackage('replay/replay.js')
await runChecks({ loadConfiguration, replay }, folder, process.env, Number(times))
