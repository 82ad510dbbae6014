/**
 * Listens on a unix socket with the name that a Postgres server uses, in a folder that is created if it does not exist.
 */
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import path from 'node:path'

/** The longest socket path that all systems accept, in bytes. */
const longestPath = 103

/**
 * Makes the server listen on `.s.PGSQL.PORT` in the folder. Creates a missing folder for this user only, and replaces
 * the socket of a dead process. Resolves with a function that removes the folder once the server is closed. Throws an
 * error that names the folder when it cannot be used, or when another process listens there.
 */
export async function listenOnUnixSocket(server: Server, folder: string, port: number): Promise<() => Promise<void>> {
  const file = path.join(folder, `.s.PGSQL.${port}`)
  if (Buffer.byteLength(file) > longestPath) {
    throw new Error(`The path ${file} is too long for a unix socket. Choose a folder with a shorter path.`)
  }
  const made = await makeFolder(folder).catch(cannot(folder))
  const remove = async () => {
    // `rmdir` fails if the folder is not empty: others use it then.
    if (made) await rmdir(folder).catch(() => undefined)
  }
  try {
    if (await isAbandoned(file)) await rm(file, { force: true })
    await listen(server, file).catch(cannot(folder))
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}

/** Resolves with whether it created the folder. */
async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(file)
    socket.once('connect', () => {
      socket.destroy()
      reject(new Error(`Another process listens on ${file}. Stop it, or choose another folder or port.`))
    })
    socket.once('error', error => resolve('code' in error && error.code === 'ECONNREFUSED'))
  })
}

function listen(server: Server, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(file, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function cannot(folder: string) {
  return (error: Error): never => {
    throw new Error(
      `A unix socket cannot be made in ${folder}: ${error.message}. Choose a folder that you can write to.`,
      { cause: error },
    )
  }
}
