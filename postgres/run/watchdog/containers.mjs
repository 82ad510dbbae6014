// Removes the containers of runs that are over, whether or not Testcontainers' reaper runs.
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { isDead } from './run-folders.mjs'

/** The labels of a container, by which it is found even if the watchdog never got its id. */
export const labels = { run: 'reprise.run', folder: 'reprise.folder', machine: 'reprise.machine' }

/**
 * Removes the containers of a run. Waits for one that is being created.
 * @param {string} runId
 */
export async function removeContainers(runId) {
  const deadline = Date.now() + 3000
  let found = await removeWhere(`${labels.run}=${runId}`)
  while (found === 0 && Date.now() < deadline) {
    await delay(100)
    found = await removeWhere(`${labels.run}=${runId}`)
  }
}

/** Removes the containers of dead runs of this machine. */
export async function reapContainers() {
  await removeWhere(`${labels.machine}=${machineId()}`, async container => {
    const folder = container.Labels[labels.folder]
    return folder !== undefined && isDead(folder)
  })
}

/** @param {string} label @param {(container: { Labels: Record<string, string> }) => Promise<boolean>} [condition] */
async function removeWhere(label, condition = async () => true) {
  const engine = await containerEngine()
  const containers = await engine.listContainers({ all: true, filters: { label: [label] } })
  for (const container of containers) {
    if (!(await condition(container))) continue
    await engine.getContainer(container.Id).remove({ force: true, v: true }).catch(ignoreGone)
  }
  return containers.length
}

/** @param {{ statusCode?: number }} error 404: removed by another; 409: being removed by another */
function ignoreGone(error) {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error
}

// Resolved from @testcontainers/postgresql, of which it is a dependency, so that both use the same engine.
const runtime = 'testcontainers'

async function containerEngine() {
  const require = createRequire(createRequire(import.meta.url).resolve('@testcontainers/postgresql'))
  const client = await require(runtime).getContainerRuntimeClient()
  return client.container.dockerode
}

/** Identifies this machine or container among those that share an engine: each sees only its own folders and sockets. */
export function machineId() {
  const parts = [
    hostname(),
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    read(() => readlinkSync('/proc/self/ns/mnt')),
  ]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)
}

/** @param {() => string} source reads a file that exists only on Linux */
function read(source) {
  try {
    return source()
  } catch {
    return ''
  }
}
