/** `reprise sandbox`: keeps a sandbox open for clients of any kind, until it is asked to stop. */
import { givenDatabase } from '../sandbox/given-database.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import type { Command, Invocation } from './command.ts'
import { isLoopback, readSandboxArguments } from './sandbox-arguments.ts'

export const sandbox: Command = {
  help: `Usage: npx reprise sandbox --database-url URL [--listen HOST:PORT | --socket DIR] [--dump-log]

Shares one transaction of a database with every client, until Ctrl-C, which rolls it back.
The first line of its output is the URL for clients, with a generated password.

  --database-url URL    the database, such as postgres://me:secret@localhost:5432/shop
  --listen HOST:PORT    its address (default: 127.0.0.1 and any free port)
  --socket DIR          listens on a unix socket in this folder instead, DIR/.s.PGSQL.5432
  --dump-log            prints each statement when it starts, as [SESSION NAME] SQL

Examples:
  npx reprise sandbox --database-url postgres://me:secret@localhost:5432/shop
  npx reprise sandbox --database-url postgres://me:secret@localhost:5432/shop --dump-log`,
  run: runSandbox,
}

/** Throws for an unreachable or lost database, an address in use, and invalid arguments. */
async function runSandbox({ args, print, complain, stopRequest }: Invocation): Promise<number> {
  const { databaseUrl, places, dumpLog } = readSandboxArguments(args)
  // Called first, so that Ctrl-C during the start is not lost.
  const stop = stopRequest()
  const opened = await Sandbox.connect(await givenDatabase(databaseUrl, '--database-url'), places)
  const lost = new Promise<Error>(resolve => {
    opened.onBroken = resolve
  })
  try {
    if (dumpLog) opened.observe({ began: ({ id, name }, { sql }) => print(logLine(id, name, sql)) })
    opened.open()
    print(opened.url)
    if (places.tcp && !isLoopback(places.tcp.host)) {
      complain(
        `Warning: ${places.tcp.host} can be reached from other machines; anyone with the URL can use the database, and connections are not encrypted.`,
      )
    }
    await Promise.race([stop, lost.then(reason => Promise.reject(reason))])
    await opened.close()
  } finally {
    await opened.dispose()
  }
  print('Rolled back.')
  return 0
}

function logLine(id: number, name: string, sql: string): string {
  const [first = '', ...more] = sql.trim().split('\n')
  return [`[${id}${name && ` ${name}`}] ${first}`, ...more.map(line => `    ${line}`)].join('\n')
}
