/** Parses the arguments of `reprise sandbox`. */
import { checkDatabaseUrl } from '../sandbox/given-database.ts'
import type { Places } from '../sandbox/transport/listener.ts'
import { readArguments } from './read-arguments.ts'

export interface SandboxArguments {
  databaseUrl: string
  places: Places
  dumpLog: boolean
}

/** Throws one sentence with the wrong argument and the remedy. */
export function readSandboxArguments(args: readonly string[]): SandboxArguments {
  const { values, positionals } = readArguments('sandbox', args, options)
  if (positionals.length > 0) throw new Error(`sandbox takes no ${JSON.stringify(positionals[0])}; see --help.`)
  const { 'database-url': url, listen, socket, 'dump-log': dumpLog = false } = values
  if (url === undefined) {
    throw new Error('sandbox needs --database-url URL, the postgres:// URL of a database; see --help.')
  }
  checkDatabaseUrl(url, '--database-url')
  if (listen !== undefined && socket !== undefined) {
    throw new Error(`Both --listen ${listen} and --socket ${socket} were given; choose one of them.`)
  }
  const places = socket === undefined ? { tcp: placeOf(listen ?? '127.0.0.1:0') } : { socketFolder: socket }
  return { databaseUrl: url, places, dumpLog }
}

/** Whether the host is reachable only from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

const options = {
  'database-url': { type: 'string' },
  listen: { type: 'string' },
  socket: { type: 'string' },
  'dump-log': { type: 'boolean' },
} as const

function placeOf(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? []
  const [host, port] = [bracketed ?? plain, Number(digits)]
  if (host === undefined || !(port <= 65_535)) {
    throw new Error(
      `--listen is ${JSON.stringify(text)}, which is not an address; write HOST:PORT, such as 127.0.0.1:6543.`,
    )
  }
  return { host, port }
}
