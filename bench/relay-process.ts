/** Starts a relay in a process of its own, which forwards bytes without reading them: the cost of a second process alone. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Transport } from './transports.ts'

export interface RelayProcess {
  readonly url: string
  stop(): Promise<void>
}

/** Clients connect over the transport; the relay connects to `serverUrl`. */
export async function startRelayProcess({ name, url }: Transport, serverUrl: string): Promise<RelayProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-bench-'))
  const { port, searchParams } = new URL(serverUrl)
  const file = `.s.PGSQL.${port}`
  const serverFolder = searchParams.get('host')
  const child = fork(
    path.join(import.meta.dirname, 'relay/main.ts'),
    [serverFolder === null ? port : path.join(serverFolder, file), path.join(folder, file)],
    { execArgv: ['--import', 'tsx'] },
  )
  const [place] = (await once(child, 'message')) as [{ port: number }]
  const relayed = new URL(url)
  if (name === 'TCP') relayed.port = String(place.port)
  else relayed.searchParams.set('host', folder)
  return {
    url: relayed.href,
    stop: async () => {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
      await rm(folder, { recursive: true, force: true })
    },
  }
}
