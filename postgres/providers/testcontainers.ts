/** Starts a server in a container with Testcontainers, with its data in memory. */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { addCommand } from '../../processes/package-manager.ts'
import type { Run } from '../run/run.ts'
import { labels, machineId } from '../run/watchdog/containers.mjs'
import type { Provision } from './provision.ts'

const dataMount = '/reprise'

/** Throws one sentence with the other two providers if no Docker engine answers. */
export async function startContainer(run: Run, image = 'postgres:18-alpine'): Promise<Provision> {
  await engineOf(process.env.DOCKER_HOST)
  // Slow to load, and needed only here.
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql').catch(explainMissing)
  run.watchdog().send({ undo: 'containers', runId: run.id })
  run.watchdog().send({ reap: 'containers' })
  const container = await new PostgreSqlContainer(image)
    .withLabels({ [labels.run]: run.id, [labels.folder]: run.folder, [labels.machine]: machineId() })
    .withDatabase('postgres')
    .withUsername('postgres')
    .withPassword(randomBytes(24).toString('hex'))
    .withTmpFs({ [dataMount]: 'rw' })
    .withEnvironment({
      // The official image's default differs from 18 on; setting it makes all versions equal.
      PGDATA: `${dataMount}/data`,
      POSTGRES_INITDB_ARGS: '--no-sync --wal-segsize=1',
      // The encoding and collation of the embedded server, whatever the image's default is.
      LANG: 'C.UTF-8',
    })
    .withCommand(['postgres', ...containerSettings.flatMap(setting => ['-c', setting])])
    .start()
    .catch(error => {
      throw explain(error, image)
    })
  return {
    url: container.getConnectionUri(),
    explainLoss: async cause => {
      const words = await container
        .logs({ tail: 10 })
        .then(lastLines)
        .catch((error: Error) => `(no log: ${error.message})`)
      return new Error(
        `The Postgres container ended during the run (${cause.message}). The end of its log:\n${words}`,
        {
          cause,
        },
      )
    },
  }
}

const containerSettings = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_wal_size=1GB',
  'autovacuum=off',
  'jit=off',
  'max_connections=200',
  'restart_after_crash=off',
]

const otherWays = 'Start Docker, or set REPRISE_POSTGRES to "embedded" or to the postgres:// URL of a server.'

// Testcontainers silently tries other engines if the one that the user named does not answer.
async function engineOf(dockerHost: string | undefined): Promise<void> {
  if (!dockerHost || !URL.canParse(dockerHost)) return
  const { protocol, pathname, hostname, port } = new URL(dockerHost)
  if (protocol !== 'unix:' && protocol !== 'tcp:') return
  await new Promise<void>((resolve, reject) => {
    const socket = protocol === 'unix:' ? connect(pathname) : connect(Number(port || 2375), hostname)
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', error =>
      reject(new Error(`No Docker engine answers at DOCKER_HOST ${dockerHost}. ${otherWays}`, { cause: error })),
    )
  })
}

function explainMissing(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("'@testcontainers/postgresql'")) throw error
  throw new Error(
    `Testcontainers is a package of its own, which is not installed: ${addCommand(process.cwd(), ['@testcontainers/postgresql'])}. ` +
      'Or set REPRISE_POSTGRES to "embedded" or to the postgres:// URL of a server.',
    { cause: error },
  )
}

function explain(error: Error, image: string): Error {
  if (/container runtime strategy/.test(error.message))
    return new Error(`No Docker engine answers. ${otherWays}`, { cause: error })
  return new Error(
    `No Postgres started from the image ${image}: ${error.message}. Set REPRISE_POSTGRES_IMAGE to another image. ${otherWays}`,
    { cause: error },
  )
}

async function lastLines(log: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = []
  for await (const chunk of log) lines.push(String(chunk))
  return lines.join('').trim().split('\n').slice(-10).join('\n')
}
