// Ends a process with its process group, and no other: its process id may be in use again.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** How long the group has to end after a signal, in milliseconds. After SIGKILL only a busy machine needs it. */
const grace = { SIGTERM: 5000, SIGKILL: 60_000 }

/** @typedef {{ pid: number, parent: number, group: number, state: string, started: string }} Process */

/**
 * Records the group while its leader runs, and returns a function that ends it by SIGTERM and, after a grace period, by SIGKILL.
 * That resolves when the whole group has exited.
 * @param {number} leader the process id of the leader, which is also the id of the group
 */
export function watchProcessGroup(leader) {
  // Windows has no process groups; the tree of descendants is ended instead.
  if (process.platform === 'win32') return () => endTree(leader)
  const noted = membersOf(leader)
  return async () => {
    const original = (await noted).find(({ pid }) => pid === leader)
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
      if (!(await isStill(original, leader))) return
      send(signal, leader)
      if (await isGoneWithin(grace[signal], leader)) return
    }
    throw new Error(`The processes of group ${leader} did not exit; kill them manually.`)
  }
}

// The id of an existing group is not reused for a process: only a different leader means another group.
/** @param {Process | undefined} original @param {number} leader */
async function isStill(original, leader) {
  const members = await membersOf(leader)
  const first = members.find(({ pid }) => pid === leader)
  return members.length > 0 && (first === undefined || first.started === original?.started)
}

/** @param {number} milliseconds @param {number} leader */
async function isGoneWithin(milliseconds, leader) {
  const deadline = Date.now() + milliseconds
  while (Date.now() < deadline) {
    if ((await membersOf(leader)).length === 0) return true
    await delay(20)
  }
  return false
}

/** @param {NodeJS.Signals} signal @param {number} leader */
function send(signal, leader) {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/** @param {number} leader */
async function endTree(leader) {
  await promisify(execFile)('taskkill', ['/pid', String(leader), '/t', '/f']).catch(() => undefined)
}

/**
 * Without zombies.
 * @param {number} group
 */
export async function membersOf(group) {
  return (await living()).filter(member => member.group === group)
}

/**
 * The processes that a process has started, directly or not, of whatever group. One whose parent has exited is not found.
 * @param {number} ancestor
 */
export async function descendantsOf(ancestor) {
  const processes = await living()
  /** @type {Process[]} */
  const found = []
  for (let parents = [ancestor]; parents.length > 0; ) {
    const children = processes.filter(({ parent }) => parents.includes(parent))
    found.push(...children)
    parents = children.map(({ pid }) => pid)
  }
  return found
}

/**
 * Kills processes that were listed earlier, and no other: their ids may be in use again.
 * @param {readonly Process[]} listed
 */
export async function endListed(listed) {
  if (listed.length === 0) return
  const now = await living()
  for (const { pid, started } of listed) {
    if (!now.some(other => other.pid === pid && other.started === started)) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has already exited.
    }
  }
}

async function living() {
  const processes = process.platform === 'linux' ? await listProcesses() : await askForProcesses()
  return processes.filter(({ state }) => !state.startsWith('Z'))
}

/** @returns {Promise<Process[]>} */
async function listProcesses() {
  const names = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const texts = await Promise.all(names.map(name => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')))
  return texts.map(text => {
    // The program's name, in parentheses, may hold any character. After it: state, parent, group and, much later, the start time.
    const [state = '', parent, group, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid: Number.parseInt(text, 10),
      parent: Number(parent),
      group: Number(group),
      state,
      started: rest[16] ?? '',
    }
  })
}

/** @returns {Promise<Process[]>} */
async function askForProcesses() {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,lstart='])
  return stdout.split('\n').map(line => {
    const [pid, parent, group, state = '', ...started] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), group: Number(group), state, started: started.join(' ') }
  })
}
