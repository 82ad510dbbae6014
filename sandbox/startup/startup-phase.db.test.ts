/** A sandbox admits and rejects clients, and starts their sessions, as a server does. */
import { randomBytes } from 'node:crypto'
import { connect as connectTo } from 'node:net'
import { expect } from '@playwright/test'
import pg from 'pg'
import { authenticationCleartextPassword, frame } from '../protocol/backend-messages.ts'
import { Frontend, query, startupCode } from '../protocol/frontend-messages.ts'
import { Sandbox } from '../sandbox.ts'
import { scalar, test as withSandbox } from '../testing/sandbox-fixture.ts'
import { WireClient } from '../testing/wire-client.ts'

const test = withSandbox.extend<{ role: string; timeout: string }>({
  /** The newest setting that would end a connection, as far as the server knows them. */
  timeout: async ({ outside }, use) => {
    const sql = "select max(name) from pg_settings where name in ('idle_session_timeout', 'transaction_timeout')"
    await use(String(await scalar(outside, sql)))
  },
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
  const reported = new Map<string, string>()
  client.connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
    reported.set(message.parameterName, message.parameterValue)
  })
  // `pg` has no option for most of them; other drivers send whatever they are configured with.
  const { user, database } = client
  Object.assign(client, { getStartupConf: () => ({ user, database, ...parameters }) })
  await client.connect()
  return { client, reported }
}

/** What comes of a client that connects and asks, in a form to compare. */
async function arrival(url: string, parameters: Record<string, string>, questions: readonly string[]) {
  try {
    const { client, reported } = await connect(url, parameters)
    const atStart = Object.fromEntries(reported)
    const answers = await askAll(client, questions)
    await client.end()
    return { reported: atStart, answers }
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

/** In a transaction that is rolled back; an error undoes its statement only. */
async function tryAll(client: pg.Client, statements: readonly string[]): Promise<unknown[]> {
  const answers: unknown[] = []
  await client.query('begin')
  for (const statement of statements) {
    await client.query('savepoint s')
    const [answer] = await askAll(client, [statement])
    if (!Array.isArray(answer)) await client.query('rollback to s')
    answers.push(answer)
  }
  await client.query('rollback')
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
  'options: a timeout that would end a connection': { options: '-c transaction_timeout=1h' },
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
  'show transaction_timeout',
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

test('a database or a role that rejects the client', async ({ emptyDatabase, sandbox, outside, role }) => {
  const { database } = outside
  const elsewhere = (url: string) => url.replace(`/${database}`, '/nope')
  const compare = async (change = (url: string) => url) => {
    const expected = await arrival(change(urlFor(emptyDatabase.url, role, 'secret')), {}, [])
    expect(expected).toMatchObject({ severity: 'FATAL' })
    expect(await arrival(change(urlFor(sandbox.url, role)), {}, [])).toEqual(expected)
  }
  await compare(elsewhere)
  await outside.query(`revoke connect on database ${database} from public`)
  await compare()
  await outside.query(`alter role ${role} nologin`)
  await compare()
  // A server asks for a password first, so that a client cannot find out which roles exist.
  expect(await arrival(urlFor(sandbox.url, 'nope'), {}, [])).toMatchObject({
    severity: 'FATAL',
    code: '28000',
    message: 'role "nope" does not exist',
  })
  expect(await arrival(elsewhere(sandbox.url), {}, [])).toMatchObject({ code: '3D000' })
  const noDatabase = sandbox.url.replace(`/${database}`, '')
  expect(await arrival(noDatabase, {}, [])).toMatchObject({ message: 'database "postgres" does not exist' })
})

test('settings of a role are in force in its sessions', async ({ emptyDatabase, sandbox, outside, role }) => {
  await outside.query(`alter role ${role} set work_mem = '9MB'`)
  await outside.query(`alter role ${role} set search_path = pg_catalog, "Other"`)
  await outside.query(`alter role ${role} set timezone = 'Asia/Tokyo'`)
  await outside.query(`alter role ${role} set log_min_messages = 'error'`)
  await outside.query(`alter role ${role} in database ${outside.database} set work_mem = '10MB'`)
  await outside.query(`alter role all in database ${outside.database} set datestyle = 'German'`)
  const fresh = await Sandbox.connect(emptyDatabase.url)
  fresh.open()
  for (const parameters of [{}, { TimeZone: 'UTC', options: '-c work_mem=11MB' }]) {
    const expected = await arrival(urlFor(emptyDatabase.url, role, 'secret'), parameters, questions)
    expect(await arrival(urlFor(fresh.url, role), parameters, questions)).toEqual(expected)
  }
  await fresh.dispose()
  await sandbox.close()
})

test('settings of the sandbox’s own role are in force for no other role', async ({ emptyDatabase, outside, role }) => {
  const { user, database } = outside
  for (const setting of [`work_mem = '9MB'`, `datestyle = 'SQL'`, `timezone = 'Asia/Tokyo'`, `app.tenant = 'mine'`]) {
    await outside.query(`alter role "${user}" in database ${database} set ${setting}`)
  }
  await outside.query(`alter database ${database} set datestyle = 'German'`)
  await outside.query(`alter role ${role} set timezone = 'Europe/Prague'`)
  const sandbox = await Sandbox.connect(emptyDatabase.url)
  sandbox.open()
  const asked = [
    'show work_mem',
    'show datestyle',
    'show timezone',
    `select coalesce(current_setting('app.tenant', true), '')`,
  ]
  const expected = await arrival(urlFor(emptyDatabase.url, role, 'secret'), {}, asked)
  expect(await arrival(urlFor(sandbox.url, role), {}, asked)).toEqual(expected)
  expect(await arrival(sandbox.url, {}, asked)).toMatchObject({
    answers: [['SHOW', [['9MB']]], ...Array(3).fill(expect.anything())],
  })
  await sandbox.dispose()
})

test('a role that the test has created may log in, and does not exist after the test', async ({
  sandbox,
  pool,
  role,
}) => {
  sandbox.open()
  const mine = `${role}_mine`
  await pool.query(`create role ${mine} login; alter role ${mine} set work_mem = '9MB'; create role ${mine}_not`)
  const { client, reported } = await connect(urlFor(sandbox.url, mine), { TimeZone: 'Asia/Tokyo' })
  expect([reported.get('session_authorization'), reported.get('is_superuser'), reported.get('TimeZone')]).toEqual([
    mine,
    'off',
    'Asia/Tokyo',
  ])
  expect(await askAll(client, ['select session_user', 'show work_mem', 'show timezone'])).toEqual([
    ['SELECT', [[mine]]],
    ['SHOW', [['9MB']]],
    ['SHOW', [['Asia/Tokyo']]],
  ])
  expect(await scalar(pool, 'select session_user')).not.toBe(mine)
  expect(await arrival(urlFor(sandbox.url, `${mine}_not`), {}, [])).toMatchObject({
    message: `role "${mine}_not" is not permitted to log in`,
  })
  expect(await arrival(urlFor(sandbox.url, mine), { options: '-c work_mem=many' }, [])).toMatchObject({
    severity: 'FATAL',
    code: '22023',
  })
  await client.end()
  expect(await sandbox.close()).toMatchObject({ active: [], broken: undefined })
  sandbox.open()
  expect(await arrival(urlFor(sandbox.url, mine), {}, [])).toMatchObject({ code: '28000' })
  await sandbox.close()
})

test('what the test changes of a role that was there before does not affect its logins', async ({
  sandbox,
  pool,
  role,
}) => {
  sandbox.open()
  await pool.query(`alter role ${role} nologin; alter role ${role} set work_mem = '9MB'`)
  expect(await arrival(urlFor(sandbox.url, role), {}, ['show work_mem'])).toMatchObject({
    answers: [['SHOW', [['4MB']]]],
  })
  await sandbox.close()
})

test('a sandbox that is no superuser rejects other roles', async ({ emptyDatabase, outside, role }) => {
  const { user } = outside
  const sandbox = await Sandbox.connect(urlFor(emptyDatabase.url, role, 'secret'))
  sandbox.open()
  expect(await arrival(urlFor(sandbox.url, user ?? ''), {}, [])).toMatchObject({
    severity: 'FATAL',
    code: '42501',
    message: `The sandbox cannot make this session one of role "${user}".`,
    hint: expect.stringContaining('a superuser'),
  })
  expect(await arrival(sandbox.url, {}, ['select session_user'])).toMatchObject({ answers: [['SELECT', [[role]]]] })
  await sandbox.dispose()
})

for (const mode of ['transaction', 'direct'] as const) {
  test(`row-level security, ownership and default privileges are those of the role (${mode})`, async ({
    emptyDatabase,
    sandbox,
    outside,
    role,
  }) => {
    await outside.query(`
      create table notes (id int, owner text default session_user);
      alter table notes enable row level security;
      create policy own on notes using (owner = session_user);
      grant select, insert on notes to ${role};
      create schema theirs authorization ${role};
      insert into notes values (1, 'somebody')`)
    const work = [
      'insert into notes values (2)',
      'select id from notes',
      'insert into notes values (3, $$somebody$$)',
      'select * from t',
      'create table theirs.x (id int)',
      `alter default privileges in schema theirs grant select on tables to pg_monitor`,
      'create table theirs.y (id int)',
      `select relname, relowner::regrole = session_user::regrole, relacl::text from pg_class where relnamespace = 'theirs'::regnamespace order by 1`,
      'drop table theirs.x, theirs.y',
      'set role pg_monitor',
      'select session_user = current_user',
      'set row_security = off',
      'select count(*) from notes',
    ]
    const bare = await connect(urlFor(emptyDatabase.url, role, 'secret'))
    const expected = await tryAll(bare.client, work)
    await bare.client.end()
    if (mode === 'transaction') sandbox.open()
    else sandbox.openDirect()
    const { client } = await connect(urlFor(sandbox.url, role))
    expect(expected).toContainEqual(['SELECT', [[2]]])
    expect(expected).toContainEqual(expect.objectContaining({ code: '42501' }))
    expect(await tryAll(client, work)).toEqual(expected)
    await client.end()
    await sandbox.close()
  })
}

/** A packet that sets something of each kind, and what shows it. */
const packetWith = (timeout: string) => ({
  packet: { TimeZone: 'Asia/Tokyo', options: `-c work_mem=5MB -c app.tenant=seven -c ${timeout}=1h` },
  show: ['show timezone', 'show work_mem', 'show app.tenant', `show ${timeout}`, 'select session_user'],
})

for (const mode of ['transaction', 'direct'] as const) {
  test(`RESET, DEFAULT and DISCARD ALL return to the packet (${mode})`, async ({
    emptyDatabase,
    sandbox,
    outside,
    role,
    timeout,
  }) => {
    const { packet, show } = packetWith(timeout)
    await outside.query(`grant pg_monitor to ${role}`)
    if (mode === 'transaction') sandbox.open()
    else sandbox.openDirect()
    const bare = await connect(urlFor(emptyDatabase.url, role, 'secret'), packet)
    const sandboxed = await connect(urlFor(sandbox.url, role), packet)
    for (const statements of [
      ['select 1'],
      ["set timezone = 'UTC'", 'set work_mem to 100', 'reset timezone', 'set work_mem to default'],
      ["set time zone 'UTC'", 'set time zone default', "set time zone 'UTC'", 'set time zone local'],
      ["set timezone = 'UTC'", 'begin', 'reset timezone', 'show timezone', 'rollback'],
      ['reset timezone', 'begin', 'set local timezone = UTC', 'set local timezone to default', 'commit'],
      ["set timezone = 'UTC'", 'set app.tenant = 1', 'set app.other = 1', 'reset all', 'show app.other'],
      ['set role pg_monitor', 'select current_user', 'reset role', 'select current_user'],
      ['set role pg_monitor', 'reset session authorization', 'select current_user'],
      [`set session authorization ${role}`, `set session authorization '${role}'`, 'select current_user'],
      ['set session authorization postgres', 'select current_user'],
      [`set session_authorization = "postgres"`, `select set_config('session_authorization', 'postgres', false)`],
      ['begin', 'set session authorization postgres', 'select 1', 'rollback'],
      ['set session authorization default', 'select session_user'],
      ["set timezone = 'UTC'", 'set role pg_monitor', 'discard all', 'select current_user'],
    ]) {
      const words = (answers: unknown[]) => JSON.stringify(answers).replaceAll(' \\"postgres\\"', '')
      const all = [...statements, ...show]
      const expected = words(await askAll(bare.client, all))
      expect(words(await askAll(sandboxed.client, all)), statements.join('; ')).toEqual(expected)
      expect(sandboxed.reported, statements.join('; ')).toEqual(bare.reported)
    }
    await bare.client.end()
    await sandboxed.client.end()
    await sandbox.close()
  })
}

test('a session keeps its user and its settings among others and in the next test', async ({
  sandbox,
  pool,
  outside,
  role,
  timeout,
}) => {
  const { packet, show } = packetWith(timeout)
  const { client } = await connect(urlFor(sandbox.url, role), packet)
  const expectOwn = async () => {
    const answers = await askAll(client, show)
    expect(answers.map(answer => String(Array.isArray(answer) && answer[1]))).toEqual([
      'Asia/Tokyo',
      '5MB',
      'seven',
      '1h',
      role,
    ])
    expect(await scalar(pool, 'select session_user')).toBe(outside.user)
    expect(await scalar(pool, 'show timezone')).not.toBe('Asia/Tokyo')
  }
  for (const open of [() => sandbox.open(), () => sandbox.openDirect(), () => sandbox.open()]) {
    open()
    await expectOwn()
    await client.query('begin')
    await client.query("set timezone = 'UTC'")
    await client.query('rollback')
    await expectOwn()
    await sandbox.close()
  }
  await client.end()
})

test('strings are read by the session’s standard_conforming_strings', async ({ emptyDatabase, sandbox }) => {
  sandbox.open()
  const texts = [
    "select 'a\\'; begin; select '",
    "select 'a\\''; select 2",
    'set standard_conforming_strings = off',
    "select 'a\\'; begin; select '",
    "select 'a\\''; select 2",
    'begin; set local standard_conforming_strings = on',
    "select 'a\\'; select '; select 3",
    'rollback',
    "select 'a\\'; select '",
    'discard all',
    "select 'a\\'; select 'b'",
  ]
  for (const off of ['', `?options=${encodeURIComponent('-c standard_conforming_strings=off')}`]) {
    const [bare, sandboxed] = [
      await WireClient.connect(emptyDatabase.url + off),
      await WireClient.connect(sandbox.url + off),
    ]
    for (const text of texts) {
      expect(await sandboxed.send([query(text)]), text).toEqual(await bare.send([query(text)]))
    }
    bare.close()
    sandboxed.close()
  }
  await sandbox.close()
})

/** What is sent in response to these bytes of a client, up to the end of the connection. */
async function responseTo(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connectTo(Number(port), hostname)
  socket.write(bytes)
  let response = ''
  for await (const chunk of socket) response += chunk.toString('latin1')
  return response
}

test('a connection that begins with a message or an impossible length is closed without a response', async ({
  emptyDatabase,
  sandbox,
}) => {
  for (const bytes of [
    frame(Frontend.Terminate),
    query('select 1'),
    Buffer.from([0, 0, 0, 7]),
    Buffer.alloc(8, 0xff),
  ]) {
    expect(await responseTo(emptyDatabase.url, bytes)).toBe('')
    expect(await responseTo(sandbox.url, bytes)).toBe('')
  }
})

test('a startup packet that a server refuses gets its error', async ({ emptyDatabase, sandbox }) => {
  const packet = (code: number, body = '') => {
    const bytes = Buffer.from(`\0\0\0\0\0\0\0\0${body}`)
    bytes.writeUInt32BE(bytes.length)
    bytes.writeUInt32BE(code, 4)
    return bytes
  }
  const version = 0x3_0000
  for (const bytes of [
    packet(0x4_0000, 'user\0postgres\0\0'),
    Buffer.concat([packet(startupCode.ssl), packet(startupCode.ssl)]),
    packet(version),
    packet(version, 'user\0postgres'),
    packet(version, 'user\0postgres\0\0database\0postgres\0'),
    packet(version, '\0'),
    packet(version, 'user\0\0\0'),
    packet(version, 'database\0postgres\0\0'),
  ]) {
    const [onServer, inSandbox] = await Promise.all([emptyDatabase, sandbox].map(({ url }) => responseTo(url, bytes)))
    // Since version 18, a server supports more.
    const errorIn = (response: string) => /\0(C[^\0]+\0M[^\0]+)/.exec(response)?.[1]?.replace('to 3.2', 'to 3.0')
    expect(errorIn(inSandbox ?? '')).toBe(errorIn(onServer ?? '') ?? 'an error of the server')
  }
})

test('a message in place of the password is rejected', async ({ sandbox }) => {
  const packet = Buffer.from('\0\0\0\0\0\x03\0\0user\0postgres\0\0')
  packet.writeUInt32BE(packet.length)
  const response = await responseTo(sandbox.url, Buffer.concat([packet, frame(Frontend.Terminate)]))
  expect(response).toContain('expected password response, got message type 88')
  const long = Buffer.from([Frontend.Password, 0xff, 0xff, 0xff, 0xff])
  expect(await responseTo(sandbox.url, Buffer.concat([packet, long]))).toBe(
    authenticationCleartextPassword.toString('latin1'),
  )
})
