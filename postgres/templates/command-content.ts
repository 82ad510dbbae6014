/** Migrates a database by a command, such as that of a migration tool. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endOfProcess } from '../../processes/end-of-process.ts'
import { lastOutputOf } from '../../processes/last-output.ts'
import { slowdown } from '../../processes/slowdown.ts'
import { connectionVariables, withClient } from '../connection.ts'
import { startWatchdog } from '../run/watchdog.ts'

/**
 * Its environment has `DATABASE_URL`, the URL of the database to migrate, also as `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`
 * and `PGDATABASE`.
 */
export type TemplateCommand = {
  /** A shell command that ends, such as `npx prisma migrate deploy`. */
  readonly command: string
  /**
   * All files and folders that decide what the command does, relative to `cwd`, without `node_modules`. As long as neither they
   * nor the lock files of `cwd` change, runs on one server share the template; without `files` the command runs once a run.
   */
  readonly files?: string | readonly string[]
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** The working directory, relative to the folder of Playwright's config; default: that folder. */
  readonly cwd?: string
  /**
   * The most that it may take, in milliseconds; 120000 by default, up to 300000 on a busy machine; 0: no limit. The whole start,
   * with the wait for another worker that runs the command, has 10 minutes.
   */
  readonly timeout?: number
}

/** In milliseconds, so that several workers, one after the other, fail within the time of the whole start. */
const defaultTimeout = () => Math.round(Math.min(120_000 * slowdown(), 300_000))

/** Of the output that an error shows, in characters. */
const keptOutput = 4000

/**
 * Runs the command. Throws an error with its last output if it fails or exceeds its time limit, and one if the database is
 * still empty then. Processes that it has started end with it.
 */
export async function runCommand(
  option: string,
  { command, env, cwd = '', timeout = defaultTimeout() }: TemplateCommand,
  url: string,
  folder: string,
): Promise<void> {
  const child = spawn(command, {
    shell: true,
    cwd: path.resolve(folder, cwd),
    env: { ...process.env, ...connectionVariables(url), ...env },
    // In a separate process group, which the watchdog ends if this process ends first.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const watchdog = startWatchdog()
  if (child.pid !== undefined) watchdog.send({ undo: 'processes', leader: child.pid })
  const kept = lastOutputOf([child.stdout, child.stderr], keptOutput)
  const end = await within(timeout, endOfProcess(child))
  await watchdog.close()
  const written = kept.text()
  const output = written === '' ? 'It printed nothing.' : `Its last output:\n${written}`
  if (end === undefined) throw new Error(`The option "${option}" failed: "${command}" ${overtime(timeout)} ${output}`)
  if (end !== 'ended with exit code 0') throw new Error(`The option "${option}" failed: "${command}" ${end}. ${output}`)
  if (await isEmpty(url)) {
    throw new Error(
      `The option "${option}": "${command}" ended with exit code 0, but the database of DATABASE_URL has no table. ` +
        `Its configuration has to read DATABASE_URL; it may have migrated another database. ${output}`,
    )
  }
}

/** The longest time of a timer, in milliseconds. */
const longest = 2 ** 31 - 1

/** Undefined after the timeout; 0 is none. */
async function within<T>(timeout: number, work: Promise<T>): Promise<T | undefined> {
  if (timeout === 0) return work
  const timer = new AbortController()
  try {
    return await Promise.race([work, delay(Math.min(timeout, longest), undefined, { signal: timer.signal })])
  } finally {
    timer.abort()
  }
}

const overtime = (timeout: number) =>
  `was ended after ${timeout / 1000} s, its time limit. It may have waited for input, which it does not get, for a lock, or for ` +
  'a host that does not respond. If it only needs longer, set its `timeout` in milliseconds.'

/** Strings that change when what the command does may change. */
export async function contentOf(
  { command, files, env = {}, cwd = '' }: TemplateCommand,
  folder: string,
  runId: string,
): Promise<string[]> {
  const parts = [command, cwd, ...Object.entries(env).flat()]
  const root = path.resolve(folder, cwd)
  if (files === undefined) return [runId, root, ...parts]
  const read: string[] = []
  for (const given of [files].flat()) {
    for (const file of await filesIn(path.join(root, given)))
      read.push(path.relative(root, file), await readFile(file, 'latin1'))
  }
  for (const file of lockFilesFor(root)) read.push(path.basename(file), await readFile(file, 'latin1'))
  return [...parts, ...read]
}

async function filesIn(place: string): Promise<string[]> {
  const found = await stat(place).catch(error => {
    throw new Error(`${place} cannot be read: ${error.message}. Correct "files" of the command.`, { cause: error })
  })
  if (found.isFile()) return [place]
  const names = (await readdir(place)).filter(name => name !== 'node_modules' && name !== '.git')
  return (await Promise.all(names.sort().map(name => filesIn(path.join(place, name))))).flat()
}

const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'go.sum',
  'Gemfile.lock',
  'poetry.lock',
  'uv.lock',
  'requirements.txt',
  'composer.lock',
  'mix.lock',
  'Cargo.lock',
]

/** The lock files in the nearest folder that has some: the versions of the tool. */
function lockFilesFor(folder: string): string[] {
  const here = lockFiles.map(name => path.join(folder, name)).filter(file => existsSync(file))
  const parent = path.dirname(folder)
  return here.length > 0 || parent === folder ? here : lockFilesFor(parent)
}

async function isEmpty(url: string): Promise<boolean> {
  const { rows } = await withClient(url, client =>
    // Oids from 16384 on are of objects that were made after initdb.
    client.query<{ empty: boolean }>('select not exists (select from pg_class where oid >= 16384) as empty'),
  )
  return rows[0]?.empty ?? true
}
