/** Schema of an environment, for zod. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { z } from 'zod'
import type { CleanupRule, ReadRule } from '../../environment/environment.ts'
import { parseCleanupRule } from '../../environment/ledger/cleanup-rule.ts'
import { parseRead } from '../../environment/ledger/reads.ts'
import { duration, settings, strings, text } from '../schema-parts.ts'

const webUrl = 'write a URL that begins with https:// or http://'
const origin = 'write a list of origins, such as ["https://api.example.com"]'
const header = 'write headers as { name: value }, both in characters that HTTP allows'
const variable = 'write a list of names of environment variables'

const requests = 'write a request, such as DELETE /orders/{body.id}, or a list of them'
const json: z.ZodType<unknown> = z.json()
const texts = z.record(z.string(), z.string({ error: 'write a text' }), { error: 'write { member: text }' })
const reads = 'write a list of requests, such as ["POST /login", "POST /graphql query"]'
const removal = z.union(
  [
    z.string(),
    settings(
      {
        send: text('write a method and a path, such as POST /orders/{body.id}/cancel', /^[A-Z]+ \S+$/),
        headers: z.record(z.string(), z.string({ error: header }), { error: header }),
        body: json,
        form: texts,
      },
      ['send'],
    ),
  ],
  { error: requests },
)

export const environment = settings(
  {
    baseURL: z
      .string({ error: webUrl })
      .refine(isWebUrl, { error: webUrl })
      .refine(value => !hasCredentials(value), {
        error: 'leave out the user and the password, which would end up in logs; headers can hold secrets',
      }),
    headers: z
      .record(z.string(), z.string({ error: header }), { error: header })
      .refine(headers => Object.entries(headers).every(isHeader), { error: header }),
    origins: z.array(
      z
        .string({ error: origin })
        .refine(value => isWebUrl(value) && new URL(value).origin === value, { error: origin }),
      { error: origin },
    ),
    writes: z.enum(['refused', 'cleaned'], {
      error: 'write "refused" or "cleaned", which lets specs create things and removes them again',
    }),
    cleanup: z.array(
      settings(
        {
          create: text('write a method and a path, such as POST /orders', /^[A-Z]+ \S+$/),
          remove: z.union([removal, z.array(removal)], { error: requests }),
          when: texts,
          each: text('name a list in the answer, such as body.items'),
          gone: settings({
            get: text('write a method and a path, such as GET /orders/{body.id}', /^[A-Z]+ \S+$/),
            field: text('name a field of the answer, such as archived'),
            value: z.union([z.string(), z.number(), z.boolean()], { error: 'write a text, a number, true or false' }),
          }),
          find: text('write a method and a path, such as GET /orders?ref={request.ref}', /^[A-Z]+ \S+$/),
        },
        ['create', 'remove'],
      ).refine(rule => ruleFault(rule) === undefined, { error: ({ input }) => ruleFault(input) ?? '' }),
      { error: 'write a list of rules, such as [{ create: "POST /orders", remove: "DELETE /orders/{body.id}" }]' },
    ),
    reads: z
      .array(z.union([z.string(), settings({ send: z.string(), when: texts }, ['send', 'when'])], { error: reads }), {
        error: reads,
      })
      .refine(reads => reads.every(line => faultOf(() => parseRead(line)) === undefined), {
        error: ({ input }) =>
          (input as (string | ReadRule)[]).flatMap(line => faultOf(() => parseRead(line)) ?? []).join('; '),
      }),
    tls: settings({
      ignoreHTTPSErrors: z.boolean({ error: 'write true or false' }),
      clientCertificates: z.array(
        settings({
          origin: text('write an origin'),
          certPath: text('write the path of a file'),
          keyPath: text('write the path of a file'),
          pfxPath: text('write the path of a file'),
          passphrase: text('write a passphrase, or secret("NAME") for one in the environment'),
        }),
        { error: 'write a list of certificates' },
      ),
    }),
    secrets: strings(variable, /^[A-Za-z_]\w*$/),
    screenshots: z.enum(['off', 'masked'], {
      error: 'write "off", or "masked" if the specs mask what is confidential',
    }),
    onlineProbe: z.string({ error: webUrl }).refine(isWebUrl, { error: webUrl }),
    version: settings({
      header: text('write the name of a header, such as x-version', /^[\w!#$%&'*+.^`|~-]+$/),
      path: text('write a path of baseURL, such as /version', /^\/(?![/\\])[^\s\\]*$/),
    }).refine(({ header, path }) => (header === undefined) !== (path === undefined), {
      error: 'write either header or path',
    }),
    emailDomain: text('write a domain such as example.com', /^[^\s@]+$/),
    workers: z
      .int({ error: 'write a whole number from 1 to 100' })
      .min(1, { error: 'write a whole number from 1 to 100' })
      .max(100, { error: 'write a whole number from 1 to 100' }),
    runTimeout: duration,
  },
  ['baseURL'],
)

function isWebUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function hasCredentials(value: string): boolean {
  const { username, password } = URL.canParse(value) ? new URL(value) : { username: '', password: '' }
  return username !== '' || password !== ''
}

function isHeader([name, value]: [string, string]): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

function ruleFault(rule: unknown): string | undefined {
  return faultOf(() => parseCleanupRule(rule as CleanupRule))?.replace(/^The cleanup rule for .*?: /, '')
}

function faultOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/\.$/, '')
  }
}
