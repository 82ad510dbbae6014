// Removes the folders of runs that died together with their watchdog, and stops the servers that still run in them.
import { lstat, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { stopPostmaster } from './postmaster.mjs'

/**
 * The address on which a run listens while it is alive. The kernel accepts connections for it, so that neither a busy nor a
 * stopped run looks dead, and a reused process id does not look alive.
 * @param {string} folder
 */
export function aliveAddress(folder) {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}` : path.join(folder, 'alive')
}

/** @param {string} folder */
export function dataFolderOf(folder) {
  return path.join(folder, 'data')
}

/**
 * Removes the folders of dead runs from these places.
 * @param {string[]} places @param {number[]} owners user ids; folders of others stay
 */
export async function reapRunFolders(places, owners) {
  await Promise.all(places.map(place => reapIn(place, owners)))
}

/** @param {string} place @param {number[]} owners */
async function reapIn(place, owners) {
  const names = (await readdir(place).catch(() => [])).filter(name => /^reprise-[0-9a-f]{12}$/.test(name))
  await Promise.all(names.map(name => reap(path.join(place, name), owners)))
}

/** @param {string} folder @param {number[]} owners */
async function reap(folder, owners) {
  const found = await lstat(folder).catch(() => undefined)
  // In a world-writable folder, those of other users are left alone.
  if (!found?.isDirectory() || !owners.includes(found.uid) || !(await isDead(folder))) return
  await stopPostmaster(dataFolderOf(folder))
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

const minute = 60_000

/**
 * Whether the run of this folder is over, for whatever reason.
 * @param {string} folder
 */
export async function isDead(folder) {
  const code = await connectionError(aliveAddress(folder))
  if (code === 'ECONNREFUSED') return true
  if (code !== 'ENOENT') return false
  // Without a socket the folder is incomplete: abandoned, being removed, or just being created.
  const found = await lstat(folder).catch(() => undefined)
  return found === undefined || Date.now() - found.mtimeMs > minute
}

/** @param {string} address @returns {Promise<string | undefined>} */
function connectionError(address) {
  return new Promise(resolve => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once('error', error => resolve(/** @type {NodeJS.ErrnoException} */ (error).code))
  })
}
