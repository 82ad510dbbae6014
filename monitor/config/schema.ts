/** Schema of a configuration, for zod. An issue's message is the remedy. */
import { z } from 'zod'
import { channelSchema } from '../alerts/channels.ts'
import { isCronExpression } from '../cron-expression.ts'
import { parseDuration } from '../duration.ts'
import { duration, nameMap, settings, strings, text, textOrList } from '../schema-parts.ts'
import { alertSettings } from './alert-schema.ts'
import { environment } from './environment-schema.ts'

const cron = z
  .string({ error: 'write a cron expression such as */5 * * * *' })
  .refine(isCronExpression, { error: 'write a cron expression such as */5 * * * *' })
const timezone = z
  .string({ error: 'write a time zone such as UTC or Europe/Berlin' })
  .refine(isTimezone, { error: 'write a time zone such as UTC or Europe/Berlin' })
const count = (least: number, most: number) => {
  const error = `write a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

const share = settings({ failures: count(1, 100), of: count(1, 100) }, ['failures', 'of']).refine(
  ({ failures, of }) => failures <= of,
  { error: 'write no more failures than replays' },
)
const down = z.union([count(1, 100), share], {
  error: 'write a whole number from 1 to 100, or { failures: 3, of: 5 }',
})
const confirm = settings({ down, up: count(1, 100), every: duration })
const locations = strings('write a list of places, each once, such as ["frankfurt", "virginia"]')
  .min(1, { error: 'write at least one place, or leave it out' })
  .refine(places => new Set(places).size === places.length, { error: 'write each place once' })
const targetRemedy = 'write a percentage from 50 to below 100, such as 99.9'
const windowRemedy = 'write whole days from 1d to 365d, such as 30d'
const slo = settings(
  {
    target: z.number({ error: targetRemedy }).min(50, { error: targetRemedy }).lt(100, { error: targetRemedy }),
    window: z
      .string({ error: windowRemedy })
      .refine(value => Number.isInteger(daysOf(value)) && daysOf(value) <= 365, { error: windowRemedy }),
  },
  ['target', 'window'],
)
const checkDefaults = {
  environment: text('write the name of an environment'),
  timezone,
  timeout: duration,
  retries: count(0, 10),
  confirm,
  channels: strings('write a list of channels, such as ["oncall"]'),
  severity: z.enum(['critical', 'warning'], { error: "write 'critical' or 'warning'" }),
  runbook: z.url({ protocol: /^https?$/, error: 'write a URL that begins with https:// or http://' }),
  slowAbove: duration,
  evidence: z.enum(['expect', 'requests'], { error: "write 'expect' or 'requests'" }),
  locations,
  agree: count(1, 100),
  makeUpMissed: z.boolean({ error: 'write true or false' }),
  slo,
}
const tag = /^@[^\s@]+$/
const shortestPeriod = 'write a duration from 10s on, such as 5m or 1h'
const period = duration.refine(value => (parseDuration(value) ?? 0) >= 10_000, { error: shortestPeriod })
const heartbeat = settings(
  {
    cron,
    timezone,
    every: period,
    grace: duration,
    maxRun: duration,
    token: text(
      "write secret('NAME'), with the variable that holds the token",
      /^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}$/,
    ),
    environment: checkDefaults.environment,
    channels: checkDefaults.channels,
    severity: checkDefaults.severity,
    runbook: checkDefaults.runbook,
    dependsOn: strings('write a list of checks and heartbeats'),
    tag: textOrList('write a tag with its @, such as @nightly, or a list of them', tag),
    slo,
  },
  ['grace'],
).refine(({ cron, every }) => (cron === undefined) !== (every === undefined), {
  error: 'write either cron or every',
  path: ['every'],
  when: ({ value }) => typeof value === 'object' && value !== null,
})
const watchdogUrl = "write a URL that begins with https:// or http://, or secret('NAME')"
const watchdog = settings(
  {
    url: text(watchdogUrl, /^(https?:\/\/\S+|\$\{secret:\S+)$/),
    every: period,
    token: text("write a token, or secret('NAME') for one in the environment"),
  },
  ['url'],
)
const check = settings({
  ...checkDefaults,
  specs: textOrList('write a file or a glob such as e2e/**/*.spec.ts, or a list of them'),
  tag: textOrList('write a tag with its @, such as @smoke, or a list of them', tag),
  title: z.union([text('write a part of a title'), z.instanceof(RegExp)], {
    error: 'write a part of the title, or a regular expression',
  }),
  project: textOrList("write the name of a project of Playwright's config, or a list of them"),
  cron,
  dependsOn: strings('write a list of checks'),
}).refine(({ specs, tag, title, project }) => [specs, tag, title, project].some(value => value !== undefined), {
  error: 'say what it replays: give specs, tag, title or project',
  // Reported in addition to other faults.
  when: ({ value }) => typeof value === 'object' && value !== null,
})
const shows = "write a list of 'environments', 'locations' and 'channels'"

const bucketUrl = 'write the URL of a store, such as https://s3.example.com'
const warnDays = 'write a list of whole days, such as [30, 14, 7]'
const credential = text('write a credential, or secret("NAME") for one in the environment')
const place = 'write "folder", "postgres" or s3({ bucket })'
const evidenceStore = z.union(
  [
    z.enum(['folder', 'postgres'], { error: place }),
    settings(
      {
        kind: z.literal('s3'),
        bucket: text('write the name of a bucket'),
        prefix: text('write what keys begin with, such as reprise/', /^[\w!.*'()/-]+$/),
        endpoint: z
          .string({ error: bucketUrl })
          .refine(value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), { error: bucketUrl }),
        region: text('write a region, such as eu-central-1'),
        forcePathStyle: z.boolean({ error: 'write true or false' }),
        accessKeyId: credential,
        secretAccessKey: credential,
      },
      ['kind', 'bucket'],
    ).refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined), {
      error: 'write both accessKeyId and secretAccessKey, or neither',
    }),
  ],
  { error: place },
)

export const monitorSchema = settings(
  {
    environments: nameMap(environment, 'write at least one environment, such as { production: { baseURL } }', 1),
    defaults: settings(checkDefaults),
    checks: nameMap(check, 'write checks by name, such as { users: { specs: "e2e/users.spec.ts" } }'),
    heartbeats: nameMap(
      heartbeat,
      'write heartbeats by name, such as { backup: { cron: "0 3 * * *", grace: "30m", token } }',
    ),
    watchdog,
    channels: nameMap(channelSchema, 'write channels by name, such as { oncall: slack({ url }) }'),
    ...alertSettings(timezone),
    certificates: settings({
      warnDays: z.array(count(1, 365), { error: warnDays }).refine(list => new Set(list).size === list.length, {
        error: 'write each number of days once',
      }),
      criticalDays: count(0, 365),
    }),
    maintenance: z.array(
      settings({ cron, length: duration, timezone, checks: strings('write a list of checks') }, ['cron', 'length']),
      { error: 'write a list of windows, such as [{ cron: "0 2 * * 0", length: "1h" }]' },
    ),
    retention: settings({
      results: duration,
      evidence: duration,
      evidenceBytes: z
        .number({ error: 'write a number of bytes, such as 5e9' })
        .positive({ error: 'write a number of bytes, such as 5e9' }),
    }),
    evidence: settings({ store: evidenceStore }),
    statusPage: settings({
      public: z.union([z.enum(['all', 'none']), strings("write 'all', 'none' or a list of checks")], {
        error: "write 'all', 'none' or a list of checks, such as ['users']",
      }),
      shows: z.array(z.enum(['environments', 'locations', 'channels'], { error: shows }), { error: shows }),
    }),
    digest: settings({ cron, channels: strings('write a list of channels, such as ["desk"]'), timezone }, [
      'cron',
      'channels',
    ]),
  },
  ['environments', 'checks'],
)

const daysOf = (text: string) => (parseDuration(text) ?? Number.NaN) / 86_400_000

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
