/** Playwright's `test` with a small disk that can be filled, for tests about what happens then. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test as base } from '@playwright/test'
import { isOpenToOthers } from '../../postgres/run/run-folder.ts'

export interface SmallDisk {
  /** To be put before a command: it works in this folder, and finds the disk at its place, as nobody else does. */
  within(folder: string): string[]
  /** The path by which everybody finds what its users find by this one. */
  at(file: string): string
  /** Takes all the room that is left. */
  fill(): Promise<void>
  /** Gives that room back. */
  free(): Promise<void>
  /** The numbers of the processes that find the disk at its place. */
  users(): Promise<string[]>
}

interface SmallDiskFixtures {
  /** Mounts one on a folder, which is made. The test is skipped where the system lets nobody do so. */
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
 * It mounts in a namespace of its own. That ends with the last process in it, and this one with us, however we end. Where
 * the place is root's alone, our Postgres has its data in /var/lib, which is then on the same disk.
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

/** Why nothing is mounted; undefined once it is. */
async function refusalOf(holder: Holder): Promise<string | undefined> {
  const mounted = once(holder.stdout, 'data').then(() => undefined)
  const ended = Promise.all([text(holder.stderr), once(holder, 'close')]).then(([words]) => words.trim())
  return Promise.race([mounted, ended]).catch((error: Error) => error.message)
}

function smallDisk(holder: string, place: string): SmallDisk {
  const at = (file: string) => path.join(`/proc/${holder}/root`, file)
  const full = at(path.join(place, 'full'))
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  // As itself again: what runs as root does many things differently.
  const user = isRoot ? [] : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`]
  const enter = ['nsenter', '--target', holder, '--mount', ...(isRoot ? [] : ['--user', '--preserve-credentials'])]
  return {
    at,
    within: folder => [
      ...[...enter, ...user],
      // Should the test be killed.
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
