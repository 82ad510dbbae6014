/** Starts the sample API in a process of its own, and records its requests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

export interface SampleProcess {
  readonly url: string
  /** The times of its responses, in milliseconds since the epoch, by `X-Request-Id`. */
  readonly answered: ReadonlyMap<string, readonly number[]>
  stop(): Promise<void>
}

const root = path.join(import.meta.dirname, '..')

export async function startSampleProcess(databaseUrl: string): Promise<SampleProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'app/main.ts')], {
    env: { ...process.env, DATABASE_URL: databaseUrl, HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const answered = new Map<string, number[]>()
  const ended = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', line => {
      const { msg, url, time, req } = JSON.parse(line)
      if (msg === 'listening') resolve(url)
      if (req) answered.set(req.id, [...(answered.get(req.id) ?? []), time])
    })
    void ended.then(([code]) => reject(new Error(`The sample API ended with the exit code ${code}.`)))
  })
  return {
    url,
    answered,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
