/** Finds the account to run Postgres under when this process runs as root, which Postgres refuses. */
import { readFile } from 'node:fs/promises'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Undefined unless this process runs as root. Throws if the system has neither of the two accounts. */
export async function serviceAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map(line => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find(fields => fields[0] === name) ?? []
    // Some systems write the number of "nobody" as -2.
    if (uid && gid) return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }
  }
  throw new Error(
    'Postgres does not run as root, and /etc/passwd has neither "postgres" nor "nobody" to run it as. Add such an account, or run as another user.',
  )
}
