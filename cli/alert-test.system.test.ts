/** `monitor alert-test` as a process of its own, whose certificates are given by a variable, and to channels of every kind, of which one is a command. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, mergeTests } from '@playwright/test'
import { cert, key } from '../fixtures/testing/certificate.ts'
import { channelSchema } from '../monitor/alerts/channels.ts'
import { sampleKinds, sampleMessages } from '../monitor/alerts/sample-messages.ts'
import { test as withMailbox } from '../monitor/testing/mailbox-fixture.ts'
import { test as withReceiver } from '../monitor/testing/receiver-fixture.ts'
import { test as withProject } from '../testing/nested-monitor/nested-monitor.ts'
import { writeFiles } from '../testing/project-folder.ts'
import { callCommand } from './testing/called-command.ts'

const test = mergeTests(withMailbox, withProject)

test('a mail is sent after STARTTLS to a server whose certificate is trusted, and to no other', async ({
  mailbox,
  project,
}) => {
  const port = await mailbox.listen({ key, cert })
  const nested = await project('http://127.0.0.1:9', {
    channels: {
      desk: {
        kind: 'email',
        server: `smtp://127.0.0.1:${port}`,
        from: 'monitor@example.com',
        to: ['oncall@example.com'],
      },
    },
    checks: {},
    files: {},
  })
  const authority = path.join(nested.folder, 'ca.pem')
  await writeFile(authority, cert)
  const trusted = await nested.start(['alert-test', 'desk'], { NODE_EXTRA_CA_CERTS: authority }).result
  expect(trusted).toMatchObject({ code: 0, stderr: '' })
  expect(mailbox.sessions).toMatchObject([{ secure: true }])
  const other = await nested.start(['alert-test', 'desk']).result
  expect(other.code).toBe(1)
  expect(mailbox.mails).toHaveLength(1)
})

const everyKind = mergeTests(withReceiver, withMailbox)

everyKind('each kind of channel accepts a sample of each kind', async ({ receiver, mailbox }, info) => {
  const { url } = receiver
  const service = new URL(url).origin
  const smtp = {
    server: `smtp://127.0.0.1:${await mailbox.listen({ disabledCommands: ['STARTTLS'] })}`,
    allowPlainText: true,
  }
  const channels = [
    ...[
      { kind: 'slack', url },
      { kind: 'webhook', url, signingKey: 'k' },
      { kind: 'teams', url },
      { kind: 'discord', url },
    ],
    ...[
      { kind: 'email', ...smtp, from: 'monitor@example.com', to: 'oncall@example.com' },
      { kind: 'apprise', url },
    ],
    ...[
      { kind: 'pagerduty', routingKey: 'k', url: service },
      { kind: 'opsgenie', apiKey: 'k', url: service },
    ],
    ...[
      { kind: 'telegram', token: '1:k', chat: '@c', url: service },
      { kind: 'ntfy', topic: 't', url: service },
    ],
    { kind: 'exec', command: ['echo'] },
  ]
  expect([...channels.map(({ kind }) => kind), 'custom'].sort()).toEqual(
    channelSchema.options.map(({ shape }) => Object(shape.kind).value).sort(),
  )
  const folder = info.outputPath('project')
  await writeFiles(folder, {
    'package.json': '{ "type": "module" }',
    'monitor.config.ts': `const channels = ${JSON.stringify(Object.fromEntries(channels.map(each => [each.kind, each])))}
      export default {
        environments: { live: { baseURL: 'http://127.0.0.1:1' } },
        checks: {},
        channels: { ...channels, custom: { kind: 'custom', send: async () => {} } },
      }`,
  })
  const samples = sampleKinds.flatMap(kind => sampleMessages(kind, new Date()))
  for (const kind of [...channels.map(({ kind }) => kind), 'custom']) {
    receiver.answers = Array.from({ length: 100 }, () => (_request, response) => void response.writeHead(200).end())
    const { code, stdout, stderr } = await callCommand(['monitor', 'alert-test', kind, '--kind', 'all'], { folder })
    expect([code, stderr], kind).toEqual([0, ''])
    const lines = stdout.trim().split('\n')
    expect(lines.length, kind).toBe(samples.length)
    for (const [index, line] of lines.entries()) {
      expect(line).toMatch(new RegExp(`^Channel ${kind} accepted ${samples[index]?.kind}(?: \\(\\w+\\))?: `))
    }
  }
})
