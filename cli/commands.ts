/** The commands of `reprise`: which there are, and how they are called. */
import type { Command, Invocation } from './command.ts'

/**
 * Runs one command. Resolves with the exit code: the command's own, or 2 for a command that does not exist and for one
 * that fails, with the reason.
 */
export async function runCommand({ args: [name, ...args], ...rest }: Invocation): Promise<number> {
  if ([name, ...args].some(arg => arg === '--help' || arg === '-h')) {
    rest.print(usage)
    return 0
  }
  const load = commands.get(name ?? '')
  if (!load) {
    rest.complain(`${name === undefined ? 'No command was given.' : `There is no command "${name}".`}\n\n${usage}`)
    return 2
  }
  try {
    const command = await load()
    return await command({ args, ...rest })
  } catch (error) {
    rest.complain(error instanceof Error ? error.message : String(error))
    return 2
  }
}

// Loaded on demand: a command does not pay for what only another one needs.
const commands = new Map<string, () => Promise<Command>>([
  ['sample', async () => (await import('./sample.ts')).sample],
  ['sandbox', async () => (await import('./sandbox.ts')).sandbox],
])

const usage = `Usage: npm run reprise -- COMMAND

Commands:
  sample    runs the sample API and its page on a throw-away Postgres, until Ctrl-C
  sandbox   opens one transaction of a database to every client, until Ctrl-C, which rolls it back

Options of sandbox:
  --database-url URL    the database, such as postgres://me:secret@localhost:5432/shop
  --listen HOST:PORT    where it listens (default: 127.0.0.1 and any free port)
  --socket DIR          listens on a unix socket in this folder instead, DIR/.s.PGSQL.5432
  --dump-log            prints each statement when it begins to run, as [SESSION NAME] SQL
The first line of its output is the URL for clients, with a password of its own.

Environment of sample:
  HOST, PORT          where it listens (default: 127.0.0.1 and 3000; PORT=0 takes any free port)
  DATABASE_URL        a database to use instead of a throw-away one; it is kept
  REPRISE_POSTGRES    where the throw-away one comes from: embedded (default), testcontainers, or
                      the postgres:// URL of a server on which databases may be created

Examples:
  npm run reprise -- sample        the same as npm start
  PORT=8080 npm start
  DATABASE_URL=postgres://me:secret@localhost:5432/sample npm start
  npm run reprise -- sandbox --database-url postgres://me:secret@localhost:5432/shop --dump-log`
