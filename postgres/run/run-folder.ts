/** Creates the folder of a run, in memory where the system has a folder there, with a socket that shows that the run is alive. */
import { randomBytes } from 'node:crypto'
import { access, chmod, constants, mkdir, stat, statfs } from 'node:fs/promises'
import { createServer, type Server as SocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { aliveAddress } from './watchdog/run-folders.mjs'

export interface RunFolder {
  /** 12 hexadecimal digits. */
  readonly runId: string
  readonly path: string
  /** Closes the socket. The folder itself is removed by the watchdog, or by the caller. */
  close(): Promise<void>
}

/** Creates the folder, accessible to this user only. Throws an error with its path if its parent is not writable. */
export async function openRunFolder(): Promise<RunFolder> {
  const runId = randomBytes(6).toString('hex')
  const folder = path.join(await choosePlace(), `reprise-${runId}`)
  try {
    await mkdir(folder, { mode: 0o700 })
    await chmod(folder, 0o700)
    const alive = await listen(aliveAddress(folder))
    return { runId, path: folder, close: () => new Promise(resolve => alive.close(() => resolve())) }
  } catch (error) {
    throw new Error(
      `The run's folder ${folder} cannot be created: ${(error as Error).message}. Set TMPDIR to a folder with free space that you can write.`,
      { cause: error },
    )
  }
}

/** The possible parents of run folders: TMPDIR if set, else memory, else the system's temporary folder. */
export function runFolderPlaces(env: NodeJS.ProcessEnv = process.env): string[] {
  if (process.platform === 'win32') return [tmpdir()]
  const places = env.TMPDIR ? [tmpdir()] : process.platform === 'linux' ? ['/dev/shm', tmpdir()] : [tmpdir()]
  return [...new Set([...places, '/tmp'])]
}

async function choosePlace(): Promise<string> {
  const places = runFolderPlaces()
  for (const place of places) if (await isUsable(place)) return place
  return places.at(-1) ?? tmpdir()
}

// A unix socket's path holds 103 bytes on some systems; the longest name in the folder needs about 40.
const longestPlace = 60
// Some containers limit /dev/shm to 64 MB; databases need at least this much.
const leastMemory = 2 * 1024 ** 3

async function isUsable(place: string): Promise<boolean> {
  if (process.platform === 'win32') return true
  if (place.length > longestPlace) return false
  if (process.getuid?.() === 0 && !(await isOpenToOthers(place))) return false
  if (place !== '/dev/shm') return true
  try {
    await access(place, constants.W_OK)
    const { bavail, bsize } = await statfs(place)
    return bavail * bsize >= leastMemory
  } catch {
    return false
  }
}

/** Whether any account may enter the folder. Postgres does not run as root, and its account cannot enter root's private folders. */
export async function isOpenToOthers(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  const open = found === undefined || !found.isDirectory() || (found.mode & 0o001) !== 0
  const parent = path.dirname(folder)
  return open && (parent === folder || isOpenToOthers(parent))
}

function listen(address: string): Promise<SocketServer> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', reject)
    server.unref()
    server.listen(address, () => resolve(server))
  })
}
