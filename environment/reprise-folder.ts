/** `.reprise`, beside a configuration: whoever writes there first, nobody else may read what is in it. */
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { chmod, readdir } from 'node:fs/promises'
import path from 'node:path'

const name = '.reprise'

/** A Postgres that root starts runs as another user, who has to come by here. */
const parentsOfServerFiles = ['', 'monitor']

/**
 * Makes a folder, and those above it up to `.reprise`, so that only their owner can read them; what is there and more open is
 * closed. Where they belong to root others may still enter `.reprise` and `.reprise/monitor`, and read nothing.
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

/** Closes a folder that another program has written, or made anew, with what is in it: nobody else may read it. */
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
  // Only its owner can. What was closed by an earlier version stays so: where a Postgres has its data was chosen by that.
  if (uid === process.getuid?.() && (now & 0o777 & ~mode) !== 0) chmodSync(folder, now & mode)
}
