/** Makes what is expensive once a run, for the tests of all workers. */
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { socketFolder } from '../postgres/run/run-server.ts'
import { projectFolder } from './project-folder.ts'

/**
 * Resolves with a folder in the run's, which is removed with that. The first worker that asks for a name makes it, while the
 * others wait. Where sockets have no folder, each worker makes one of its own, in the repository.
 */
export async function oncePerRun(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const runFolder = socketFolder()
  if (runFolder === undefined) {
    const own = projectFolder()
    process.once('exit', () => rmSync(own, { recursive: true, force: true }))
    await make(own)
    return own
  }
  const folder = path.join(runFolder, name)
  while (!existsSync(folder)) {
    const lock = await lockAt(`${folder}.lock`)
    if (!lock) continue
    try {
      if (existsSync(folder)) break
      const place = await mkdtemp(`${folder}-`)
      await make(path.join(place, 'made'))
      await rename(path.join(place, 'made'), folder).catch(error => {
        // After a worker was killed, two may remove its socket.
        if (!existsSync(folder)) throw error
      })
      await rm(place, { recursive: true, force: true })
    } finally {
      lock.release()
    }
  }
  return folder
}

/**
 * Listens on a socket until it is released or this process has ended, however that happens. Undefined after another process's
 * lock has ended.
 */
async function lockAt(address: string): Promise<{ release(): void } | undefined> {
  const waiting: Socket[] = []
  const lock = createServer(socket => waiting.push(socket.once('error', () => undefined))).listen(address)
  try {
    await once(lock, 'listening')
  } catch (error) {
    if (Object(error).code !== 'EADDRINUSE') throw error
    const holder = connect(address)
    // A killed process leaves the socket's file.
    holder.once('error', () => rmSync(address, { force: true }))
    await new Promise(resolve => holder.once('close', resolve))
    return undefined
  }
  return {
    release: () => {
      lock.close()
      for (const socket of waiting) socket.destroy()
    },
  }
}
