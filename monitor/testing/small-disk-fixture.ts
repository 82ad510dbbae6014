/** Playwright's `test` with a small disk that can be filled. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { isOpenToOthers } from '../../postgres/run/run-folder.ts'
import { test as base } from '../../testing/test.ts'

export interface SmallDisk {
  /**
   * Returns a prefix for a command, which then runs in this folder and has the disk mounted at its place, unlike other
   * processes.
   */
  within(folder: string): string[]
  /** Returns the path by which other processes reach a file on the disk. */
  at(file: string): string
  /** Fills the disk. */
  fill(): Promise<void>
  /** Removes what `fill` has written. */
  free(): Promise<void>
  /** Lists the ids of the processes that have the disk mounted. */
  users(): Promise<string[]>
}

interface SmallDiskFixtures {
  /** Mounts a disk on a folder, which is created. Skips the test where the system does not allow it. */
  mountSmallDisk(place: string, megabytes: number): Promise<SmallDisk>
}

type Holder = ChildProcessByStdio<Writable, Readable, Readable>

export const test = base.extend<SmallDiskFixtures>({
  mountSmallDisk: async ({}, use, info) => {
    const holders: Holder[] = []
    await use(async (place, megabytes) => {
      await mkdir(place)
      const holder = hold(place, megabytes, isRoot && !(await isOpenToOthers(place)))
      holders.push(holder)
      const refusal = await refusalOf(holder)
      info.skip(refusal !== undefined, `No small disk can be mounted here: ${refusal}`)
      return smallDisk(String(holder.pid), place)
    })
    for (const holder of holders) {
      const end = once(holder, 'close')
      holder.stdin.end()
      if (holder.exitCode === null && holder.pid !== undefined) await end
    }
  },
})

const isRoot = process.getuid?.() === 0

/**
 * Mounts in a namespace of its own, which ends with its last process; this one ends when this process ends. If only
 * root can enter the place, the embedded Postgres keeps its data in /var/lib, which is then bound to the same disk.
 */
function hold(place: string, megabytes: number, isPrivate: boolean): Holder {
  const mounts = [
    `mount -t tmpfs -o size=${megabytes}m small "$0"`,
    ...(isPrivate ? ['mkdir "$0/lib"', 'mount --bind "$0/lib" /var/lib'] : []),
  ]
  const mount = [...mounts, 'echo mounted', 'exec cat'].join(' && ')
  const user = isRoot ? [] : ['--user', '--map-root-user']
  return spawn('unshare', [...user, '--mount', 'sh', '-c', mount, place], { stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Resolves with why the disk cannot be mounted; undefined when it is mounted. */
async function refusalOf(holder: Holder): Promise<string | undefined> {
  const mounted = once(holder.stdout, 'data').then(() => undefined)
  const ended = Promise.all([text(holder.stderr), once(holder, 'close')]).then(([words]) => words.trim())
  return Promise.race([mounted, ended]).catch((error: Error) => error.message)
}

function smallDisk(holder: string, place: string): SmallDisk {
  const at = (file: string) => path.join(`/proc/${holder}/root`, file)
  const full = at(path.join(place, 'full'))
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  // As the original user, because root behaves differently in many ways.
  const user = isRoot ? [] : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`]
  const enter = ['nsenter', '--target', holder, '--mount', ...(isRoot ? [] : ['--user', '--preserve-credentials'])]
  return {
    at,
    within: folder => [
      ...[...enter, ...user],
      // In case the test is killed.
      ...['setpriv', '--pdeathsig', 'TERM'],
      ...['sh', '-c', 'cd "$0" && exec "$@"', folder],
    ],
    fill: () => fill(full),
    free: () => rm(full, { force: true }),
    async users() {
      const namespace = (pid: string) => readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined)
      const own = await namespace(holder)
      const others = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && name !== holder)
      const found = await Promise.all(others.map(async pid => ((await namespace(pid)) === own ? [pid] : [])))
      return found.flat()
    },
  }
}

async function fill(file: string): Promise<void> {
  const handle = await open(file, 'a')
  try {
    for (;;) await handle.appendFile(Buffer.alloc(4096))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await handle.close()
  }
}
