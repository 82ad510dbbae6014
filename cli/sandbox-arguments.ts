/** Reads the arguments of `reprise sandbox`. */
import { parseArgs } from 'node:util'
import type { Places } from '../sandbox/listener.ts'

export interface SandboxArguments {
  databaseUrl: string
  places: Places
  dumpLog: boolean
}

/** Throws one sentence that names the argument at fault and what to write. */
export function readSandboxArguments(args: readonly string[]): SandboxArguments {
  const { 'database-url': url, listen, socket, 'dump-log': dumpLog = false } = parse(args)
  if (url === undefined || url === '') {
    throw new Error('sandbox needs --database-url URL, the postgres:// URL of a database; see --help.')
  }
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error(
      `--database-url is ${JSON.stringify(shown(url))}, which is no URL of a database; write postgres://user:password@host:port/database.`,
    )
  }
  if (listen !== undefined && socket !== undefined) {
    throw new Error(`Both --listen ${listen} and --socket ${socket} were given; choose one of them.`)
  }
  if (socket === '') throw new Error('--socket is empty; name a folder.')
  const places = socket === undefined ? { tcp: placeOf(listen ?? '127.0.0.1:0') } : { socketFolder: socket }
  return { databaseUrl: url, places, dumpLog }
}

/** Whether only this machine reaches the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

const options = {
  'database-url': { type: 'string' },
  listen: { type: 'string' },
  socket: { type: 'string' },
  'dump-log': { type: 'boolean' },
} as const

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    // Node adds advice on positional arguments, of which there are none here.
    const [problem] = (error instanceof Error ? error.message : String(error)).split(/\.?(?:\s+To specify|\n|$)/)
    throw new Error(
      `sandbox cannot read its arguments: ${problem?.replace(/\.?\s*This command.*$/, '')}; see --help.`,
      { cause: error },
    )
  }
}

function placeOf(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? []
  const [host, port] = [bracketed ?? plain, Number(digits)]
  if (host === undefined || !(port <= 65_535)) {
    throw new Error(
      `--listen is ${JSON.stringify(text)}, which names no place; write HOST:PORT, such as 127.0.0.1:6543.`,
    )
  }
  return { host, port }
}

// It may hold a password although it is no URL.
function shown(url: string): string {
  return url.replace(/:[^:@/]*@/, ':***@')
}
