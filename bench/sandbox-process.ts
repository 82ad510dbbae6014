/** A sandbox in a process of its own, as the clients of other processes meet it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Transport } from './transports.ts'

/** What the process answers; memory in bytes, resident. */
export type Places = { tcp: string; socket: string }
export type Memory = { now: number; peak: number }

export interface SandboxProcess {
  /** Where clients reach the sandbox. */
  readonly url: string
  /** What the process occupies now, and the most since this was last asked. */
  memory(): Promise<Memory>
  /** Undoes everything, as between two tests. */
  reopen(): Promise<void>
  stop(): Promise<void>
}

/** Clients reach it by the transport; `databaseUrl` is its own way to the database, by default the same. */
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
