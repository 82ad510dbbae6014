/** Listens on a unix socket that is named as a Postgres server's is, in a folder that is made for it if it is missing. */
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import path from 'node:path'

/** The longest path that every system takes for a socket, in bytes. */
const longestPath = 103

/**
 * Makes the server listen on `.s.PGSQL.PORT` in the folder. A missing folder is made for this user only, and the socket
 * that a dead process left is replaced. Resolves with what removes the folder again once the server is closed.
 * Throws an error that names the folder when it cannot be used, or when another process listens there.
 */
export async function listenOnUnixSocket(server: Server, folder: string, port: number): Promise<() => Promise<void>> {
  const file = path.join(folder, `.s.PGSQL.${port}`)
  if (Buffer.byteLength(file) > longestPath) {
    throw new Error(`The path ${file} is too long for a unix socket. Choose a folder with a shorter path.`)
  }
  const made = await makeFolder(folder).catch(cannot(folder))
  const remove = async () => {
    // Others may have put something there meanwhile; then the folder is theirs.
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

/** Resolves with whether it was missing. */
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
