/** Runs work in a process that can open no further file. On Linux only, with `prlimit`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export async function withoutDescriptors<T>(work: () => Promise<T>): Promise<T> {
  const { pid } = process
  const limits = spawn('sh', [
    '-c',
    `usual=$(ulimit -Sn); prlimit --pid ${pid} --nofile=3:; echo low; read line; prlimit --pid ${pid} --nofile=$usual:`,
  ])
  await once(limits.stdout, 'data')
  try {
    return await work()
  } finally {
    limits.stdin.end('\n')
    await once(limits, 'close')
  }
}
