/** Chooses the folder of the cache, and removes what interrupted builds left in it. */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { isOpenToOthers } from '../../run/run-folder.ts'
import type { Account } from './service-account.ts'

/** XDG_CACHE_HOME, else the system's folder for caches; for root a folder that the service account can enter. */
export async function cacheRoot(env: NodeJS.ProcessEnv, account: Account | undefined): Promise<string> {
  const chosen = env.XDG_CACHE_HOME ? path.join(env.XDG_CACHE_HOME, 'reprise') : undefined
  if (account) return chosen && (await isOpenToOthers(path.dirname(chosen))) ? chosen : '/var/cache/reprise'
  return chosen ?? path.join(platformCache(env), 'reprise')
}

function platformCache(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches')
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local')
  return path.join(homedir(), '.cache')
}

/** Creates the folder, and removes incomplete entries whose builder has died. */
export async function openCacheRoot(root: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o755 })
  for (const name of await readdir(root)) {
    const builder = /^postgres-.+\.(\d+)\.[0-9a-f]{8}$/.exec(name)?.[1]
    if (builder && !isRunning(Number(builder))) await rm(path.join(root, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
