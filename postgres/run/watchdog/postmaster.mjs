// Stops the Postgres server of a data folder, and no other process: its process id may be in use again.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** @type {readonly NodeJS.Signals[]} */
const atOnce = ['SIGQUIT', 'SIGKILL']

/**
 * Stops the server without a checkpoint (its data are thrown away, or are recovered at the next start) and waits until its process has exited.
 * @param {string} dataFolder
 * @param {number} [startedPid] for the time before the server has written its `postmaster.pid`
 * @param {readonly NodeJS.Signals[]} [signals] sent one after the other until it exits; SIGINT first is a fast shutdown
 */
export async function stopPostmaster(dataFolder, startedPid, signals = atOnce) {
  const pid = (await pidIn(dataFolder)) ?? startedPid
  if (pid === undefined) return
  for (const signal of signals) {
    if (!(await isPostmasterOf(dataFolder, pid))) return
    send(pid, process.platform === 'win32' ? 'SIGKILL' : signal)
    // Postgres waits 5 s for its children before it kills them. The rest is for a busy machine.
    if (await isGoneWithin(30_000, dataFolder, pid)) return
  }
  throw new Error(
    `The Postgres server with process id ${pid} (data folder ${dataFolder}) did not exit; kill it manually.`,
  )
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
 * Empty for a process that has exited, also if its parent has not waited for it yet.
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
