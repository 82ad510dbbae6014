/** Starts a sandbox in a process of its own, for clients in other processes. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Transport } from './transports.ts'

/** The messages of the process; memory is resident memory in bytes. */
export type Places = { tcp: string; socket: string }
export type Memory = { now: number; peak: number }

export interface SandboxProcess {
  /** The URL of the sandbox. */
  readonly url: string
  /** The current memory, and the peak since the last call. */
  memory(): Promise<Memory>
  /** Rolls back and opens the sandbox again, as between two tests. */
  reopen(): Promise<void>
  stop(): Promise<void>
}

/** Clients connect over the transport. @param databaseUrl The sandbox's own URL of the database; default: over the same transport. */
export async function startSandboxProcess({ name, url }: Transport, databaseUrl = url): Promise<SandboxProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const child = fork(path.join(import.meta.dirname, 'sandbox-process/main.ts'), [databaseUrl, folder], {
    execArgv: ['--import', 'tsx'],
  })
  const places = await next<Places>(child)
  const ask = <Answer>(question: 'memory' | 'reopen'): Promise<Answer> => {
    const answer = next<Answer>(child)
    child.send(question)
    return answer
  }
  return {
    url: name === 'TCP' ? places.tcp : places.socket,
    memory: () => ask<Memory>('memory'),
    reopen: () => ask('reopen'),
    stop: async () => {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function next<Answer>(child: ChildProcess): Promise<Answer> {
  const exit = new AbortController()
  const ended = once(child, 'exit', { signal: exit.signal }).then(([code]) => {
    throw new Error(`The sandbox's process has ended with exit code ${code}.`)
  })
  ended.catch(() => undefined)
  const [answer] = await Promise.race([once(child, 'message'), ended])
  exit.abort()
  return answer as Answer
}
