/** Lists the processes of this machine, for tests of what is left running. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface ListedProcess {
  pid: number
  /** The process id of its parent. */
  parent: number
  /** Its command line. */
  command: string
}

export async function listProcesses(): Promise<ListedProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'pid=,ppid=,args='])
  return stdout
    .trim()
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .map(fields => ({ pid: Number(fields?.[1]), parent: Number(fields?.[2]), command: fields?.[3] ?? '' }))
}
