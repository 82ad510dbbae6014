// Kills processes that have left the process group of their run, such as browsers, found by an environment variable.
import { readdir, readFile } from 'node:fs/promises'

/**
 * Kills every process whose environment has this setting. On systems without `/proc`, none.
 * @param {string} setting such as `TMPDIR=/tmp/run-1`, which no other run has
 */
export async function endStrays(setting) {
  const names = await readdir('/proc').catch(() => /** @type {string[]} */ ([]))
  await Promise.all(
    names.map(async name => {
      const pid = Number(name)
      if (!(pid > 1) || pid === process.pid) return
      const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
      if (!environment.split('\0').includes(setting)) return
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has already exited.
      }
    }),
  )
}
