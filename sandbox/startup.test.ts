/** Who comes in, as whom and with which settings: what a server would do, a sandbox does. */
import { randomBytes } from 'node:crypto'
import { expect } from '@playwright/test'
import pg from 'pg'
import { scalar, test as withSandbox } from './sandbox-fixture.ts'

const test = withSandbox.extend<{ role: string }>({
  /** A role that may log in and nothing else; its password is `secret`. */
  role: async ({ outside }, use) => {
    const name = `reprise_${randomBytes(6).toString('hex')}`
    await outside.query(`create role ${name} login password 'secret'`)
    await use(name)
    await outside.query(`drop owned by ${name} cascade`)
    await outside.query(`drop role ${name}`)
  },
})

/** The URL of a server or sandbox for another user. */
function urlFor(url: string, user: string, password?: string): string {
  const changed = new URL(url)
  changed.username = user
  if (password !== undefined) changed.password = password
  return changed.href
}

/** Connects with these parameters of the startup packet besides user and database. */
async function connect(url: string, parameters: Record<string, string> = {}) {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  const told = new Map<string, string>()
  client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
    told.set(message.parameterName, message.parameterValue)
  })
  // `pg` has no option for most of them; other drivers send what they are told to.
  const { user, database } = client
  Object.assign(client, { getStartupConf: () => ({ user, database, ...parameters }) })
  await client.connect()
  return { client, told }
}

/** What comes of a client that connects and asks, in a form to compare. */
async function arrival(url: string, parameters: Record<string, string>, questions: readonly string[]) {
  try {
    const { client, told } = await connect(url, parameters)
    const atStart = Object.fromEntries(told)
    const answers = await askAll(client, questions)
    await client.end()
    return { told: atStart, answers }
  } catch (error) {
    return refusal(error)
  }
}

async function askAll(client: pg.Client, questions: readonly string[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const question of questions) {
    const result = await client.query<unknown[]>({ text: question, rowMode: 'array' }).catch(refusal)
    answers.push('rows' in result ? [result.command, result.rows] : result)
  }
  return answers
}

function refusal(error: unknown) {
  if (!(error instanceof pg.DatabaseError)) throw error
  const { severity, code, message, detail, hint } = error
  return { severity, code, message, detail, hint }
}

const packets: Record<string, Record<string, string>> = {
  'nothing but the user': {},
  'what pg sends': { client_encoding: 'UTF8', application_name: 'mine' },
  'what JDBC sends': { client_encoding: 'UTF8', DateStyle: 'ISO', TimeZone: 'Europe/Prague', extra_float_digits: '2' },
  'a name in other letters': { timezone: 'utc', SEARCH_PATH: 'public, pg_catalog' },
  'a name beyond ASCII': { application_name: 'žluť' },
  'a time zone that does not exist': { TimeZone: 'nope' },
  'an encoding that does not exist': { options: '-c client_encoding=nope' },
  'a value out of range': { work_mem: '1' },
  'a word of no enumeration': { bytea_output: 'nope' },
  'an unknown setting': { nope: '1' },
  'a setting of its own': { 'app.tenant': 'seven' },
  'a setting that only the server may have': { shared_buffers: '1GB' },
  'options: -c': { options: '-c work_mem=5MB -c app.tenant=a\\ b\\\\c' },
  'options: -c in one word': { options: '-cwork_mem=5MB -cTimeZone=Asia/Tokyo' },
  'options: two hyphens': { options: '--work-mem=6MB   --search_path=public' },
  'options: old switches': { options: '-e -S 7MB' },
  'options: the last one counts': { options: '-c work_mem=5MB -c work_mem=6MB' },
  'options: a parameter counts more': { options: '-c work_mem=5MB', work_mem: '8MB' },
  'options: an unknown switch': { options: '-c work_mem=5MB -y' },
  'options: a word that is no switch': { options: 'work_mem=5MB' },
  'options: a switch without its value': { options: '-c' },
  'options: a setting without a value': { options: '-c work_mem' },
  'options: a long setting without a value': { options: '--work_mem' },
  'options: a bad value': { options: '-c work_mem=many' },
  'options: a setting that needs a superuser': { options: '-c log_min_messages=error' },
  'options: a role': { options: '-c role=pg_monitor' },
}

const questions = [
  'show timezone',
  'show work_mem',
  'show search_path',
  'show application_name',
  'show datestyle',
  'select extra_float_digits.setting from pg_settings extra_float_digits where name = $$extra_float_digits$$',
  "select current_setting('app.tenant', true)",
  'select session_user, current_user',
]

for (const as of ['the user of the sandbox', 'another role'] as const) {
  for (const [name, parameters] of Object.entries(packets)) {
    test(`is what a server does with the packet of ${as}: ${name}`, async ({ emptyDatabase, sandbox, role }) => {
      sandbox.open()
      const [bare, sandboxed] =
        as === 'another role'
          ? [urlFor(emptyDatabase.url, role, 'secret'), urlFor(sandbox.url, role)]
          : [emptyDatabase.url, sandbox.url]
      const expected = await arrival(bare, parameters, questions)
      expect(await arrival(sandboxed, parameters, questions)).toEqual(expected)
      await sandbox.close()
    })
  }
}
