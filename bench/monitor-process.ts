/** Starts `reprise monitor start` in a process of its own, and measures its memory and processor time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

export interface MonitorProcess {
  /** Of its status page. */
  readonly url: string
  /** Its memory, in bytes. */
  memory(): Promise<number>
  /** Processor time in milliseconds, including its terminated child processes. */
  processorTime(): Promise<number>
  stop(): Promise<void>
}

const root = path.join(import.meta.dirname, '..')

/** Resolves when the monitor reports that it runs. */
export async function startMonitorProcess(
  folder: string,
  databaseUrl: string,
  env: NodeJS.ProcessEnv = {},
): Promise<MonitorProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'cli/main.ts'), 'monitor', 'start'], {
    cwd: folder,
    env: { ...process.env, REPRISE_MONITOR_DATABASE_URL: databaseUrl, REPRISE_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [, url = ''] = await outputOf(child, /The monitor runs.*status page +(http\S+)\n/s)
  return {
    url,
    memory: async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024,
    processorTime: async () => {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8')
      // The fields after the name, which can contain spaces: utime, stime, cutime and cstime, in hundredths of a second.
      const fields = stat.slice(stat.lastIndexOf(')')).split(' ')
      return fields.slice(12, 16).reduce((total, hundredths) => total + Number(hundredths) * 10, 0)
    },
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await ended
      if (code !== 0) throw new Error(`The monitor ended with the exit code ${code}.`)
    },
  }
}

function outputOf({ stdout }: ChildProcess, text: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = ''
    stdout?.setEncoding('utf8').on('data', part => {
      output += part
      const found = text.exec(output)
      if (found) resolve(found)
    })
    stdout?.once('close', () => reject(new Error(`The monitor ended before it printed ${text}:\n${output}`)))
  })
}
