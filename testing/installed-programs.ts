/** For tests: finds programs of other makers, which a machine may or may not have. */
import { spawnSync } from 'node:child_process'

/** The first of the commands that runs with these arguments and succeeds; undefined if none does. */
export function findProgram(commands: readonly string[], ...args: string[]): string | undefined {
  return commands.find(command => spawnSync(command, args, { stdio: 'ignore' }).status === 0)
}

/** Why tests with the program are to be skipped; undefined where it is installed. */
export const missing = (program: string): string | undefined =>
  findProgram([program], '--version') ? undefined : `${program} is not installed, or not on the PATH.`

/** A Python 3 that has psycopg 3: on the PATH, or the system's own. */
export const findPython = (): string | undefined => findProgram(['python3', '/usr/bin/python3'], '-c', 'import psycopg')

/** Why tests with it are to be skipped. */
export const pythonMissing =
  'There is no Python 3 with psycopg 3: install it (apt-get install python3-psycopg, or pip install "psycopg[binary]").'

/** A Ruby that has the library pg: on the PATH, or the system's own. */
export const findRuby = (): string | undefined => findProgram(['ruby', '/usr/bin/ruby'], '-e', 'require "pg"')
