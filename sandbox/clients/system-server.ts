/** A server from the system's Postgres packages, since the system's `pg_dump` refuses to dump from a newer one. */
import { execFileSync } from 'node:child_process'
import { chown } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../../postgres/providers/embedded/postmaster.ts'
import { runProgram } from '../../postgres/providers/embedded/program.ts'
import { serviceAccount } from '../../postgres/providers/embedded/service-account.ts'
import type { Provision } from '../../postgres/providers/provision.ts'
import type { Run } from '../../postgres/run/run.ts'
import { dataFolderOf } from '../../postgres/run/watchdog/run-folders.mjs'
import { type Server, startServer } from '../../postgres/server.ts'
import { findProgram } from '../../testing/installed-programs.ts'
import { whyMissing } from './program.ts'

/** Why a test with such a server is skipped; undefined if the server is installed. */
export function whyNoSystemServer(): string | undefined {
  const missing = whyMissing('pg_dump')
  if (missing !== undefined || findProgram([path.join(serverPrograms(), 'initdb')], '--version')) return missing
  return 'There is no Postgres server of the same version as pg_dump: install one (apt-get install postgresql).'
}

/** Throws an error with the output of the programs if the server is missing or does not start. */
export function startSystemServer(): Promise<Server> {
  return startServer({ provider: { start } })
}

async function start(run: Run): Promise<Provision> {
  const programs = serverPrograms()
  const account = await serviceAccount()
  if (account) await chown(run.folder, account.uid, account.gid)
  const dataFolder = dataFolderOf(run.folder)
  const options = { cwd: run.folder, account }
  const initdb = ['--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8', `--pgdata=${dataFolder}`]
  await runProgram(path.join(programs, 'initdb'), initdb, options)
  const port = await freePort()
  const settings = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories= -c fsync=off`
  run.watchdog().send({ undo: 'postmaster', dataFolder })
  const log = path.join(run.folder, 'postgres.log')
  await runProgram(
    path.join(programs, 'pg_ctl'),
    ['start', '--wait', '--silent', `--pgdata=${dataFolder}`, `--log=${log}`, `--options=${settings}`],
    options,
  )
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, explainLoss: async cause => cause }
}

/** Debian's folder with the server programs of the same version as `pg_dump`. */
function serverPrograms(): string {
  const version = /\d+/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))
  return path.join('/usr/lib/postgresql', version?.[0] ?? '', 'bin')
}
