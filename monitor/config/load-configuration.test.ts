import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { secret } from '../../environment/secrets/secret.ts'
import { forEachRow } from '../../testing/for-each-row.ts'
import { test as base, expect } from '../../testing/test.ts'
import { loadConfiguration } from './load-configuration.ts'

const root = path.join(import.meta.dirname, '../..')

const test = base.extend<{ load: (text: string, name?: string) => ReturnType<typeof loadConfiguration> }>({
  load: async ({}, use) => {
    await mkdir(path.join(root, '.reprise/tmp'), { recursive: true })
    const folder = await mkdtemp(path.join(root, '.reprise/tmp/config-'))
    let number = 0
    await use(async (text, name = 'monitor.config.ts') => {
      const own = path.join(folder, String(number++))
      await mkdir(own)
      await writeFile(path.join(own, name), text)
      return loadConfiguration(own)
    })
    await rm(folder, { recursive: true })
  },
})

const imports = `import { defineMonitor, secret, slack } from 'reprise/monitor'\n`
const good = {
  environments: { production: { baseURL: 'https://api.example.com' } },
  checks: { users: { specs: 'users.spec.ts' } },
}
const configOf = (config: unknown) => `export default ${JSON.stringify(config)}`

test('a whole configuration is read, and defaults are filled in', async ({ load }) => {
  const configuration = await load(`${imports}export default defineMonitor({
    environments: {
      production: {
        baseURL: 'https://api.example.com',
        headers: { authorization: \`Bearer \${secret('SMOKE_TOKEN')}\` },
        writes: 'cleaned',
        cleanup: [{ create: 'POST /orders', remove: 'DELETE /orders/{body.id}', find: 'GET /orders?ref={request.ref}' }],
        onlineProbe: 'https://example.net/',
        version: { header: 'x-version' },
      },
    },
    defaults: { environment: 'production', timezone: 'UTC', timeout: '20s', retries: 1, confirm: { down: 2, up: 1, every: '20s' }, channels: ['oncall'] },
    checks: { users: { specs: 'e2e/api/users.spec.ts', tag: '@smoke', cron: '*/5 * * * *', slowAbove: '800ms' } },
    heartbeats: { backup: { cron: '0 3 * * *', grace: '30m' } },
    channels: { oncall: slack({ url: secret('SLACK_URL') }) },
    maintenance: [{ cron: '0 2 * * 0', length: '1h' }],
    retention: { results: '30d', evidence: '14d', evidenceBytes: 5e9 },
    statusPage: { public: ['users'], shows: ['environments'] },
  })`)
  expect(configuration.environments.production).toMatchObject({
    headers: { authorization: `Bearer ${secret('SMOKE_TOKEN')}` },
  })
  expect(configuration.channels).toEqual({ oncall: { kind: 'slack', url: secret('SLACK_URL') } })
  expect(configuration.checks).toEqual([
    {
      name: 'users',
      environment: 'production',
      specs: ['e2e/api/users.spec.ts'],
      tags: ['@smoke'],
      projects: [],
      timeoutMs: 20_000,
      retries: 1,
      slowAboveMs: 800,
      evidence: 'expect',
      cron: '*/5 * * * *',
      timezone: 'UTC',
      confirm: { down: 2, up: 1, everyMs: 20_000 },
      channels: ['oncall'],
      severity: 'critical',
      dependsOn: [],
      locations: ['local'],
      agree: 1,
      makeUpMissed: false,
    },
  ])
  expect(configuration.heartbeats).toEqual([
    {
      ...{ name: 'backup', environment: 'production', cron: '0 3 * * *', timezone: 'UTC', graceMs: 1_800_000 },
      ...{ channels: ['oncall'], severity: 'critical', dependsOn: [], tags: [] },
    },
  ])
})

test('down can be a share of replays', async ({ load }) => {
  const { checks } = await load(
    JSON.stringify(check({ confirm: { down: { failures: 3, of: 5 } } })).replace(/^/, 'export default '),
  )
  expect(checks[0]?.confirm).toEqual({ down: 3, of: 5, up: 1, everyMs: 20_000 })
})

test('a check has the slo of the defaults, or one of its own', async ({ load }) => {
  const config = {
    ...good,
    defaults: { slo: { target: 99.9, window: '30d' } },
    checks: { users: { specs: 'a' }, orders: { specs: 'a', slo: { target: 99, window: '168h' } } },
  }
  const { checks } = await load(`export default ${JSON.stringify(config)}`)
  expect(checks.map(({ slo }) => slo)).toEqual([
    { target: 99.9, windowDays: 30 },
    { target: 99, windowDays: 7 },
  ])
})

test('a heartbeat has tags and an slo of its own', async ({ load }) => {
  const backup = { every: '1h', grace: '5m', tag: '@nightly', slo: { target: 99, window: '7d' } }
  const routes = [{ match: { tags: ['@nightly'] }, channels: [] }]
  const slo = { target: 99.9, window: '30d' }
  const { heartbeats } = await load(
    configOf({ ...good, defaults: { slo }, routes, heartbeats: { backup, mails: { every: '1h', grace: '5m' } } }),
  )
  expect(heartbeats.map(({ tags, slo }) => ({ tags, slo }))).toEqual([
    { tags: ['@nightly'], slo: { target: 99, windowDays: 7 } },
    { tags: [], slo: undefined },
  ])
})

test('by default only reminders are sent beside the messages of the checks', async ({ load }) => {
  expect((await load(configOf(good))).alertRules).toEqual({
    ...{ routes: [], quietHours: [], escalation: [] },
    remindersAfterMs: [3_600_000, 14_400_000, 86_400_000],
  })
})

test('routes, quiet hours, reminders and escalations are read', async ({ load }) => {
  const channels = { desk: { kind: 'slack', url: 'https://chat.example.com/' } }
  const { alertRules } = await load(
    configOf({
      ...good,
      ...{ channels, defaults: { timezone: 'Europe/Berlin' } },
      routes: [{ match: { kinds: ['leak'], severity: 'warning' }, channels: ['desk'], continue: true }],
      quietHours: [{ from: '22:00', to: '07:30', days: ['sunday', 'saturday'], channels: ['desk'] }],
      reminders: { after: [] },
      escalation: [{ after: '15m', channels: ['desk'], match: { severity: ['critical'] } }],
    }),
  )
  expect(alertRules).toEqual({
    routes: [{ match: { kinds: ['leak'], severity: ['warning'] }, channels: ['desk'], continue: true }],
    quietHours: [{ from: 1320, to: 450, timezone: 'Europe/Berlin', days: [0, 6], channels: ['desk'], match: {} }],
    remindersAfterMs: [],
    escalation: [{ afterMs: 900_000, match: { severity: ['critical'] }, channels: ['desk'] }],
  })
})

for (const [given, warnDays] of [
  [{}, [30, 14, 7, 3, 1]],
  [{ certificates: { warnDays: [] } }, []],
] as const) {
  test(`with ${JSON.stringify(given)}, certificates are reported ${warnDays.length} times before their end`, async ({
    load,
  }) => {
    expect((await load(configOf({ ...good, ...given }))).certificates).toEqual({ warnDays, criticalDays: 7 })
  })
}

const check = (settings: object) => ({ ...good, checks: { users: { specs: 'users.spec.ts', ...settings } } })
const environment = (settings: object) => ({
  ...good,
  environments: { production: { ...good.environments.production, ...settings } },
})
const duration = 'write a duration such as 500ms, 30s, 5m, 1h or 30d.'

const faulty = [
  [
    'a route to an unknown channel',
    { ...good, channels: { desk: { kind: 'slack', url: 'https://a.example/' } }, routes: [{ channels: ['desc'] }] },
    'routes[0].channels[0] is "desc": there is no such channel; did you mean desk?',
  ],
  [
    'a route for an unknown check',
    { ...good, routes: [{ match: { checks: ['user'] }, channels: [] }] },
    'routes[0].match.checks[0] is "user": there is no such check; did you mean users?',
  ],
  [
    'quiet hours for an unknown environment',
    { ...good, quietHours: [{ from: '22:00', to: '07:00', match: { environments: ['prodction'] } }] },
    'quietHours[0].match.environments[0] is "prodction": there is no such environment; did you mean production?',
  ],
  [
    'an escalation for a tag that no check has',
    {
      ...{ ...good, checks: { users: { tag: '@checkout' } } },
      escalation: [{ after: '15m', channels: [], match: { tags: ['@chekout'] } }],
    },
    'escalation[0].match.tags[0] is "@chekout": no check has this tag; did you mean @checkout?',
  ],
  [
    'a route for a kind that follows others',
    { ...good, routes: [{ match: { kinds: ['up'] }, channels: [] }] },
    'routes[0].match.kinds[0] is "up": write a list of kinds: down, heartbeat, flapping',
  ],
  [
    'days of a certificate with a unit',
    { ...good, certificates: { warnDays: ['30d'] } },
    'certificates.warnDays[0] is "30d": write a whole number from 1 to 365.',
  ],
  [
    'quiet hours that end where they begin',
    { ...good, quietHours: [{ from: '07:00', to: '07:00' }] },
    'quietHours[0] is {"from":"07:00","to":"07:00"}: write different times',
  ],
  [
    'reminders that do not grow',
    { ...good, reminders: { after: ['4h', '60m'] } },
    'reminders.after is ["4h","60m"]: write durations in increasing order',
  ],
  ['no environment', { checks: {} }, 'environments is missing: write at least one environment'],
  [
    'an invalid base URL',
    environment({ baseURL: 'api.example.com' }),
    'environments.production.baseURL is "api.example.com": write a URL that begins with https:// or http://.',
  ],
  [
    'a base URL with a password',
    environment({ baseURL: 'https://me:hush@api.example.com' }),
    'environments.production.baseURL is "https://***@api.example.com": leave out the user and the password',
  ],
  [
    'a missing base URL',
    { ...good, environments: { production: {} } },
    'environments.production.baseURL is missing: write a URL',
  ],
  [
    'a misspelt setting',
    check({ slowAbvoe: '1s' }),
    'checks.users.slowAbvoe is "1s": there is no such setting; did you mean slowAbove?',
  ],
  [
    'an unknown setting',
    { ...good, colour: 'red' },
    'colour is "red": there is no such setting; there are environments, defaults, checks,',
  ],
  ['a duration without its unit', check({ timeout: '30' }), `checks.users.timeout is "30": ${duration}`],
  ['a duration that is a number', check({ slowAbove: 800 }), `checks.users.slowAbove is 800: ${duration}`],
  ['a duration of zero', { ...good, defaults: { timeout: '0s' } }, `defaults.timeout is "0s": ${duration}`],
  [
    'an invalid hour',
    check({ cron: '0 25 * * *' }),
    'checks.users.cron is "0 25 * * *": write a cron expression such as */5 * * * *.',
  ],
  [
    'a day that never comes',
    check({ cron: '0 0 31 2 *' }),
    'checks.users.cron is "0 0 31 2 *": write a cron expression such as */5 * * * *.',
  ],
  [
    'an invalid time zone',
    check({ timezone: 'Europe/Berlim' }),
    'checks.users.timezone is "Europe/Berlim": write a time zone such as UTC or Europe/Berlin.',
  ],
  [
    'more failures than replays',
    check({ confirm: { down: { failures: 5, of: 3 } } }),
    'checks.users.confirm.down is {"failures":5,"of":3}: write no more failures than replays.',
  ],
  [
    'a target that allows no failure',
    check({ slo: { target: 100, window: '30d' } }),
    'checks.users.slo.target is 100: write a percentage from 50 to below 100, such as 99.9.',
  ],
  [
    'a window that is not of whole days',
    check({ slo: { target: 99.9, window: '36h' } }),
    'checks.users.slo.window is "36h": write whole days from 1d to 365d, such as 30d.',
  ],
  [
    'an invalid kind of evidence',
    check({ evidence: 'none' }),
    "checks.users.evidence is \"none\": write 'expect' or 'requests'.",
  ],
  ['negative retries', check({ retries: -1 }), 'checks.users.retries is -1: write a whole number from 0 to 10.'],
  [
    'a tag without its @',
    check({ tag: ['@smoke', 'fast'] }),
    'checks.users.tag[1] is "fast": write a tag with its @, such as @smoke, or a list of them.',
  ],
  [
    'a check that selects no specs',
    { ...good, checks: { users: { retries: 1 } } },
    'checks.users is {"retries":1}: say what it replays: give specs, tag, title or project.',
  ],
  [
    'a name with a space',
    { ...good, checks: { 'the users': { specs: 'a' } } },
    'checks["the users"] is "the users": write a name of letters, digits, ".", "_" and "-".',
  ],
  [
    'an agree above the number of locations',
    check({ locations: ['a', 'b'], agree: 3 }),
    'checks.users.agree is 3: it has 2 locations, so write a number up to 2.',
  ],
  [
    'a default of agree above the number of locations',
    { ...check({ locations: ['a'] }), defaults: { locations: ['a', 'b', 'c'], agree: 2 } },
    'checks.users.agree is 2: it has 1 location, so write a number up to 1.',
  ],
  [
    'a duplicate location',
    check({ locations: ['a', 'a'] }),
    'checks.users.locations is ["a","a"]: write each place once.',
  ],
  [
    'an empty list of locations',
    check({ locations: [] }),
    'checks.users.locations is []: write at least one place, or leave it out.',
  ],
  [
    'a makeUpMissed that is not a boolean',
    check({ makeUpMissed: 1 }),
    'checks.users.makeUpMissed is 1: write true or false.',
  ],
  [
    'an environment that does not exist',
    check({ environment: 'prodution' }),
    'checks.users.environment is "prodution": there is no such environment; did you mean production?',
  ],
  [
    'a missing choice between environments',
    { ...good, environments: { one: { baseURL: 'http://a' }, two: { baseURL: 'http://b' } } },
    'checks.users.environment is missing: name one here or in defaults; there are one, two.',
  ],
  [
    'a channel that does not exist',
    check({ channels: ['oncall'] }),
    'checks.users.channels[0] is "oncall": there is no such channel; there are none.',
  ],
  [
    'a check that depends on itself',
    { ...good, checks: { a: { specs: 'a', dependsOn: ['a'] }, b: { specs: 'b' } } },
    'checks.a.dependsOn is ["a"]: leave out what leads back to the check itself.',
  ],
  [
    'an invalid value of writes',
    environment({ writes: true }),
    'environments.production.writes is true: write "refused" or "cleaned"',
  ],
  [
    'a header that HTTP does not allow',
    environment({ headers: { 'x-a': 'line\nfeed' } }),
    'environments.production.headers is {"x-a":"line\\nfeed"}: write headers as { name: value }',
  ],
  [
    'a header that is not a string',
    environment({ headers: { 'x-a': 7 } }),
    'environments.production.headers.x-a is 7: write headers as { name: value }',
  ],
  [
    'a cleanup rule without remove',
    environment({ cleanup: [{ create: 'POST /orders' }] }),
    'environments.production.cleanup[0].remove is missing: write a request, such as DELETE /orders/{body.id}, or a list of them.',
  ],
  [
    'an origin with a path',
    environment({ origins: ['https://a.example/api'] }),
    'environments.production.origins[0] is "https://a.example/api": write a list of origins',
  ],
  [
    'a heartbeat without grace',
    { ...good, heartbeats: { backup: { cron: '0 3 * * *' } } },
    `heartbeats.backup.grace is missing: ${duration}`,
  ],
  [
    'a heartbeat with a schedule and a period',
    { ...good, heartbeats: { backup: { cron: '0 3 * * *', every: '1d', grace: '30m' } } },
    'heartbeats.backup.every is "1d": write either cron or every',
  ],
  [
    'a heartbeat that depends on itself',
    { ...good, heartbeats: { backup: { every: '5m', grace: '30m', dependsOn: ['backup'] } } },
    'heartbeats.backup.dependsOn is ["backup"]: leave out what leads back to the check itself',
  ],
  [
    'a heartbeat with its token in the file',
    { ...good, heartbeats: { backup: { every: '5m', grace: '30m', token: 'hush-hush-hush-hush' } } },
    "heartbeats.backup.token is a string of 19 characters: write secret('NAME'), with the variable that holds the token",
  ],
  [
    'a heartbeat with the name of a check',
    { ...good, heartbeats: { users: { every: '5m', grace: '30m' } } },
    'heartbeats.users is "users": choose another name, since a check has this one',
  ],
  [
    'a URL in place of a channel',
    { ...good, channels: { oncall: 'https://hooks.example' } },
    'channels.oncall is "https://hooks.example": write one of slack({ url }), webhook({ url }), email({ server, from, to }),',
  ],
  [
    'a URL of a channel without a scheme',
    { ...good, channels: { oncall: { kind: 'slack', url: 'hooks.example.com/T0' } } },
    'channels.oncall.url is "hooks.example.com/T0": write a URL, or secret("NAME") for one in the environment',
  ],
  [
    'a URL of a service with a password',
    { ...good, channels: { oncall: { kind: 'ntfy', topic: 'oncall', url: 'https://me:hush@ntfy.example.com' } } },
    'channels.oncall.url is "https://***@ntfy.example.com": write a URL such as https://ntfy.sh',
  ],
  [
    'maintenance of a check that does not exist',
    { ...good, maintenance: [{ cron: '* * * * *', length: '1h', checks: ['orders'] }] },
    'maintenance[0].checks[0] is "orders": there is no such check; there is users.',
  ],
  ['no configuration at all', 7, 'the configuration is 7: write { environments, defaults, checks,'],
] as const

test('the error names the fault, and what to write', async ({ load }) => {
  await forEachRow(
    faulty,
    ([what]) => what,
    async ([, config, sentence]) => {
      await expect(load(configOf(config))).rejects.toThrow(`monitor.config.ts has a fault:\n  - ${sentence}`)
    },
  )
})

test('the error names all faults at once', async ({ load }) => {
  const loading = load(
    configOf({
      environments: { production: { baseURL: 'nowhere', headers: { 'x-a': 1 } } },
      checks: { users: { timeout: 'soon', tga: '@smoke', environment: 'staging' } },
      defaults: { retries: 1.5 },
    }),
  )
  const paths = await loading.catch(error => error.faults.map((fault: { path: string }) => fault.path))
  expect(paths.sort()).toEqual([
    'checks.users',
    'checks.users.environment',
    'checks.users.tga',
    'checks.users.timeout',
    'defaults.retries',
    'environments.production.baseURL',
    'environments.production.headers.x-a',
  ])
})

test('the error names why a file cannot be loaded', async ({ load }) => {
  await expect(load('export default {')).rejects.toThrow(
    'monitor.config.ts is not a module: correct the file; loading it',
  )
})

test('the error names what a file without a configuration needs', async ({ load }) => {
  await expect(load('export const config = {}')).rejects.toThrow('default is missing: write export default')
})

test('the error names a file that does not exist', async () => {
  await expect(loadConfiguration('/')).rejects.toThrow('monitor.config.ts is missing: create it in /, or name')
  await expect(loadConfiguration('/', 'other.ts')).rejects.toThrow('other.ts is missing: there is no such file in /')
})
