/** Creates folders in `.reprise`, beside a configuration, that only their owner can read, whichever part of Reprise writes first. */
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { chmod, readdir } from 'node:fs/promises'
import path from 'node:path'

const name = '.reprise'

/** When root starts Postgres, it runs as another user, who needs to pass through these folders. */
const parentsOfServerFiles = ['', 'monitor']

/**
 * Creates a folder, and its parents up to `.reprise`, for their owner only; removes wider permissions from existing ones. If
 * root owns them, others may enter `.reprise` and `.reprise/monitor`, but not list them.
 */
export function makePrivateFolder(folder: string): void {
  const segments = path.resolve(folder).split(path.sep)
  const first = segments.lastIndexOf(name)
  for (let end = (first === -1 ? segments.length - 1 : first) + 1; end <= segments.length; end++) {
    const within = segments.slice(first + 1, end).join(path.sep)
    const isEntered = first !== -1 && process.getuid?.() === 0 && parentsOfServerFiles.includes(within)
    close(segments.slice(0, end).join(path.sep), isEntered ? 0o711 : 0o700)
  }
}

/** Makes a folder written by another program, with everything in it, readable by its owner only. */
export async function makeFilesPrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (entry.isSymbolicLink()) continue
    await chmod(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600).catch(ignoreAbsence)
  }
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

function close(folder: string, mode: number): void {
  mkdirSync(folder, { recursive: true, mode })
  const { mode: now, uid } = statSync(folder)
  // Only the owner can change the mode. Permissions are only removed: the folder of a server's data was chosen by them.
  if (uid === process.getuid?.() && (now & 0o777 & ~mode) !== 0) chmodSync(folder, now & mode)
}
