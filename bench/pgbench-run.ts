/** Finds and runs Postgres's own `pgbench`. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian's folders for the programs of each major version, only some of which are linked into PATH. */
const debianFolder = '/usr/lib/postgresql'

/** The path of `pgbench`: from PATH, or the newest of Debian's folders. Undefined if there is none. */
export function findPgbench(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...versions.map(version => path.join(debianFolder, version, 'bin')),
  ]
  return folders.map(folder => path.join(folder, 'pgbench')).find(file => existsSync(file))
}

/** Creates pgbench's tables: one branch, 100 000 accounts. */
export async function initialize(pgbench: string, url: string): Promise<void> {
  await run(pgbench, ['--initialize', '--quiet', url])
}

/** Transactions per second, without connection time. Throws an error with the output of pgbench if it fails. */
export async function transactionsPerSecond(pgbench: string, url: string, args: readonly string[]): Promise<number> {
  const { stdout, stderr } = await run(pgbench, ['--no-vacuum', ...args, url])
  const tps = Number(/^tps = ([\d.]+) \(without initial connection time\)/m.exec(stdout)?.[1])
  if (Number.isNaN(tps)) throw new Error(`pgbench printed no result:\n${stdout}${stderr}`)
  return tps
}
