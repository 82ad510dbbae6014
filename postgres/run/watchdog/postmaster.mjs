// Ends the Postgres server of a data folder, and only that one: a process id may belong to someone else by now.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** @type {readonly NodeJS.Signals[]} */
const atOnce = ['SIGQUIT', 'SIGKILL']

/**
 * Stops the server at once (its data are thrown away, or are made whole by the next start) and waits until its process is gone.
 * @param {string} dataFolder
 * @param {number} [startedPid] known before the server has written its `postmaster.pid`
 * @param {readonly NodeJS.Signals[]} [signals] one after the other, should it not end; SIGINT first ends it in order
 */
export async function stopPostmaster(dataFolder, startedPid, signals = atOnce) {
  const pid = (await pidIn(dataFolder)) ?? startedPid
  if (pid === undefined) return
  for (const signal of signals) {
    if (!(await isPostmasterOf(dataFolder, pid))) return
    send(pid, process.platform === 'win32' ? 'SIGKILL' : signal)
    // Postgres itself gives its children 5 s before it kills them.
    if (await isGoneWithin(7000, dataFolder, pid)) return
  }
  throw new Error(`The Postgres server with process id ${pid} (data folder ${dataFolder}) did not end; end it by hand.`)
}

/** @param {string} dataFolder */
async function pidIn(dataFolder) {
  const text = await readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return pid > 1 ? pid : undefined
}

/** @param {string} dataFolder @param {number} pid */
async function isPostmasterOf(dataFolder, pid) {
  return (await commandLineOf(pid)).includes(dataFolder)
}

/**
 * Empty for a process that is gone, also for one that is dead but not yet collected by its parent.
 * @param {number} pid
 */
async function commandLineOf(pid) {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const [program, args] =
    process.platform === 'win32'
      ? [
          'powershell',
          ['-NoProfile', '-Command', `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`],
        ]
      : ['ps', ['-ww', '-p', String(pid), '-o', 'command=']]
  const { stdout } = await promisify(execFile)(program, args).catch(() => ({ stdout: '' }))
  return stdout
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}

/** @param {number} milliseconds @param {string} dataFolder @param {number} pid */
async function isGoneWithin(milliseconds, dataFolder, pid) {
  const deadline = Date.now() + milliseconds
  while (Date.now() < deadline) {
    if (!(await isPostmasterOf(dataFolder, pid))) return true
    await delay(5)
  }
  return false
}
