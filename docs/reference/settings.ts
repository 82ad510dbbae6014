/**
 * What the reference of the configuration says beside the schema's types and the doc comments: defaults, examples, and a
 * meaning where the type has no comment. A key is the path in the configuration; `NAME` stands for any name.
 */

export interface Setting {
  /** As code; absent where there is none, and for required settings. */
  default?: string
  /** As code: an expression in `monitor.config.ts`. */
  example: string
  /** Instead of the doc comment. */
  meaning?: string
}

export const settings: Readonly<Record<string, Setting>> = {
  environments: { example: "{ production: { baseURL: 'https://api.example.com' } }" },
  defaults: { default: '{}', example: "{ timeout: '20s', retries: 2 }" },
  checks: { example: "{ orders: { specs: 'orders.spec.ts', cron: '*/5 * * * *' } }" },
  heartbeats: {
    default: '{}',
    example: "{ backup: { cron: '0 3 * * *', grace: '30m', token: secret('BACKUP_TOKEN') } }",
  },
  watchdog: { example: "{ url: secret('WATCHDOG_URL') }" },
  channels: { default: '{}', example: "{ oncall: slack({ url: secret('SLACK_URL') }) }" },
  routes: { default: '[]', example: "[{ match: { tags: ['@checkout'] }, channels: ['desk'] }]" },
  quietHours: { default: '[]', example: "[{ from: '22:00', to: '07:00', timezone: 'Europe/Berlin' }]" },
  reminders: { default: '{}', example: "{ after: ['1h', '4h', '1d'] }" },
  escalation: { default: '[]', example: "[{ after: '15m', channels: ['manager'] }]" },
  certificates: { default: '{}', example: '{ warnDays: [60, 30, 7, 1] }' },
  maintenance: { default: '[]', example: "[{ cron: '0 2 * * 0', length: '1h' }]" },
  retention: { default: '{}', example: "{ results: '90d' }", meaning: 'How long results and reports are kept.' },
  evidence: { default: '{}', example: "{ store: 'postgres' }", meaning: 'Where the evidence of runs is kept.' },
  statusPage: {
    default: '{}',
    example: "{ public: ['users', 'orders'] }",
    meaning: 'What the status page shows to whom.',
  },
  digest: { example: "{ cron: '0 8 * * 1', channels: ['desk'] }" },

  'environments.NAME.baseURL': { example: "'https://api.example.com'" },
  'environments.NAME.headers': {
    default: '{}',
    example: "{ 'x-api-key': secret('SMOKE_TOKEN') }",
  },
  'environments.NAME.origins': { default: '[]', example: "['https://cdn.example.com']" },
  'environments.NAME.writes': { default: "'refused'", example: "'cleaned'" },
  'environments.NAME.cleanup': {
    default: '[]',
    example: "[{ create: 'POST /orders', remove: 'DELETE /orders/{body.id}' }]",
  },
  'environments.NAME.reads': { default: '[]', example: "['POST /login', 'POST /graphql query']" },
  'environments.NAME.tls': { default: '{}', example: '{ ignoreHTTPSErrors: true }' },
  'environments.NAME.secrets': { default: '[]', example: "['DATABASE_PASSWORD']" },
  'environments.NAME.screenshots': { example: "'masked'" },
  'environments.NAME.onlineProbe': { example: "'https://example.net/'" },
  'environments.NAME.version': { example: "{ header: 'x-version' }" },
  'environments.NAME.emailDomain': { default: "'example.com'", example: "'test.example.com'" },
  'environments.NAME.workers': { default: '1', example: '4' },
  'environments.NAME.runTimeout': { default: "'30m'", example: "'10m'" },
  'environments.NAME.version.header': {
    example: "'x-version'",
    meaning: "The response header with the version, of responses of `baseURL`'s origin. Either this or `path`.",
  },
  'environments.NAME.version.path': {
    example: "'/version'",
    meaning:
      'The path that the monitor requests after each attempt. The body is the version: a text, JSON, or `version` of a JSON object.',
  },
  'environments.NAME.tls.ignoreHTTPSErrors': {
    default: 'false',
    example: 'true',
    meaning: "Whether certificates that cannot be verified are accepted, as Playwright's `ignoreHTTPSErrors`.",
  },
  'environments.NAME.tls.clientCertificates': {
    default: '[]',
    example: "[{ certPath: 'client.pem', keyPath: 'client.key' }]",
    meaning: "The certificates that the service demands, as Playwright's `clientCertificates`.",
  },
  'environments.NAME.tls.clientCertificates[].origin': { example: "'https://api.example.com'" },
  'environments.NAME.tls.clientCertificates[].certPath': {
    example: "'client.pem'",
    meaning: 'The path of the certificate, in PEM.',
  },
  'environments.NAME.tls.clientCertificates[].keyPath': {
    example: "'client.key'",
    meaning: 'The path of its private key, in PEM.',
  },
  'environments.NAME.tls.clientCertificates[].pfxPath': {
    example: "'client.pfx'",
    meaning: 'The path of both in one file of PFX or PKCS12, instead of `certPath` and `keyPath`.',
  },
  'environments.NAME.tls.clientCertificates[].passphrase': {
    example: "secret('PASSPHRASE')",
    meaning: 'Decrypts the private key. May contain a secret.',
  },

  'environments.NAME.cleanup[].create': { example: "'POST /orders'" },
  'environments.NAME.cleanup[].remove': { example: "'DELETE /orders/{body.id}'" },
  'environments.NAME.cleanup[].when': { example: "{ method: 'orders.create' }" },
  'environments.NAME.cleanup[].each': { example: "'body.items'" },
  'environments.NAME.cleanup[].gone': { example: "{ field: 'archived' }" },
  'environments.NAME.cleanup[].find': { example: "'GET /orders?ref={request.ref}'" },
  'environments.NAME.cleanup[].gone.get': { example: "'GET /orders/{body.id}'" },
  'environments.NAME.cleanup[].gone.field': {
    example: "'status.name'",
    meaning: 'A field of the response that shows that the thing is gone.',
  },
  'environments.NAME.cleanup[].gone.value': {
    example: "'cancelled'",
    meaning: "The value of that field when the thing is gone; default: any but `false`, `null`, 0 and `''`.",
  },
  'environments.NAME.cleanup[].remove.send': { example: "'POST /orders/{body.id}/cancel'" },
  'environments.NAME.cleanup[].remove.headers': { default: '{}', example: "{ 'if-match': '{header.etag}' }" },
  'environments.NAME.cleanup[].remove.body': { example: "{ id: '{body.id}' }" },
  'environments.NAME.cleanup[].remove.form': { example: "{ reason: 'test' }" },
  'environments.NAME.reads[].send': { example: "'POST /rpc'", meaning: 'A method and a path.' },
  'environments.NAME.reads[].when': { example: "{ method: 'orders.list' }" },

  'checks.NAME.specs': { example: "'e2e/api/**/*.spec.ts'" },
  'checks.NAME.tag': { example: "'@smoke'" },
  'checks.NAME.title': { example: '/places an order/' },
  'checks.NAME.project': { example: "'api'" },
  'checks.NAME.cron': { example: "'*/5 * * * *'" },
  'checks.NAME.dependsOn': { default: '[]', example: "['database']" },
  'checks.NAME.environment': { example: "'production'" },
  'checks.NAME.timezone': { default: "'UTC'", example: "'Europe/Berlin'" },
  'checks.NAME.timeout': { default: "'30s'", example: "'10s'" },
  'checks.NAME.retries': { default: '1', example: '0' },
  'checks.NAME.confirm': {
    default: "{ down: 2, up: 1, every: '20s' }",
    example: '{ down: { failures: 3, of: 5 } }',
    meaning: 'When the state changes. A part that is left out is that of `defaults`.',
  },
  'checks.NAME.channels': {
    default: '[]',
    example: "['oncall']",
    meaning: 'Names of channels. Without one, no alerts are sent.',
  },
  'checks.NAME.severity': { default: "'critical'", example: "'warning'" },
  'checks.NAME.runbook': { example: "'https://wiki.example.com/orders'" },
  'checks.NAME.slowAbove': { example: "'800ms'" },
  'checks.NAME.evidence': { default: "'expect'", example: "'requests'" },
  'checks.NAME.locations': { default: "['local']", example: "['frankfurt', 'virginia']" },
  'checks.NAME.agree': { example: '2' },
  'checks.NAME.makeUpMissed': { default: 'false', example: 'true' },
  'checks.NAME.slo': { example: "{ target: 99.9, window: '30d' }" },
  'checks.NAME.slo.target': {
    example: '99.9',
    meaning: 'The share of replays that must work, in percent: from 50 to below 100.',
  },
  'checks.NAME.slo.window': {
    example: "'30d'",
    meaning: 'Over how many whole days, up to 365 (UTC, including the current one).',
  },
  'checks.NAME.confirm.down': {
    default: '2',
    example: '{ failures: 3, of: 5 }',
    meaning: 'How many failures in a row make the check down, or how many among how many replays.',
  },
  'checks.NAME.confirm.up': {
    default: '1',
    example: '2',
    meaning: 'How many passes in a row make the check up again.',
  },
  'checks.NAME.confirm.every': {
    default: "'20s'",
    example: "'1m'",
    meaning: 'How soon the next replay follows while a change is to be confirmed.',
  },
  'checks.NAME.confirm.down.failures': { example: '3', meaning: 'How many of these replays have to fail.' },
  'checks.NAME.confirm.down.of': { example: '5', meaning: 'How many of the last replays are counted.' },

  'heartbeats.NAME.cron': { example: "'0 3 * * *'" },
  'heartbeats.NAME.timezone': { default: "'UTC'", example: "'Europe/Berlin'" },
  'heartbeats.NAME.every': { example: "'1h'" },
  'heartbeats.NAME.grace': { example: "'30m'" },
  'heartbeats.NAME.maxRun': { example: "'2h'" },
  'heartbeats.NAME.token': { example: "secret('BACKUP_TOKEN')" },
  'heartbeats.NAME.environment': { example: "'production'" },
  'heartbeats.NAME.channels': { default: '[]', example: "['oncall']" },
  'heartbeats.NAME.severity': { default: "'critical'", example: "'warning'" },
  'heartbeats.NAME.runbook': { example: "'https://wiki.example.com/backup'" },
  'heartbeats.NAME.dependsOn': { default: '[]', example: "['database']" },
  'heartbeats.NAME.tag': { default: '[]', example: "'@nightly'" },
  'heartbeats.NAME.slo': { example: "{ target: 99, window: '30d' }" },
  'heartbeats.NAME.slo.target': {
    example: '99',
    meaning: 'The share of due times at which the job must have worked, in percent: from 50 to below 100.',
  },
  'heartbeats.NAME.slo.window': {
    example: "'30d'",
    meaning: 'Over how many whole days, up to 365 (UTC, including the current one).',
  },

  'watchdog.url': { example: "secret('WATCHDOG_URL')" },
  'watchdog.every': { default: "'1m'", example: "'30s'" },
  'watchdog.token': { example: "secret('WATCHDOG_TOKEN')" },

  'channels.NAME.slack.url': { example: "secret('SLACK_URL')" },
  'channels.NAME.webhook.url': {
    example: "secret('DESK_URL')",
    meaning: 'Where the messages are posted; usually a `secret()`.',
  },
  'channels.NAME.webhook.signingKey': { example: "secret('DESK_KEY')" },
  'channels.NAME.webhook.headers': {
    default: '{}',
    example: "{ authorization: secret('DESK_TOKEN') }",
    meaning: 'Sent with each message. Values may contain secrets.',
  },
  'channels.NAME.email.server': { example: "'smtps://smtp.example.com:465'" },
  'channels.NAME.email.allowPlainText': { default: 'false', example: 'true' },
  'channels.NAME.email.user': { example: "'monitor'", meaning: 'The login, together with `password`.' },
  'channels.NAME.email.password': { example: "secret('SMTP_PASSWORD')" },
  'channels.NAME.email.from': { example: "'Monitor <monitor@example.com>'" },
  'channels.NAME.email.to': { example: "['oncall@example.com', 'desk@example.com']" },
  'channels.NAME.pagerduty.routingKey': { example: "secret('PAGERDUTY_KEY')" },
  'channels.NAME.pagerduty.url': {
    default: "'https://events.pagerduty.com'",
    example: "'https://events.eu.pagerduty.com'",
  },
  'channels.NAME.opsgenie.apiKey': { example: "secret('OPSGENIE_KEY')" },
  'channels.NAME.opsgenie.url': { default: "'https://api.opsgenie.com'", example: "'https://api.eu.opsgenie.com'" },
  'channels.NAME.teams.url': { example: "secret('TEAMS_URL')" },
  'channels.NAME.discord.url': { example: "secret('DISCORD_URL')" },
  'channels.NAME.telegram.token': { example: "secret('TELEGRAM_TOKEN')" },
  'channels.NAME.telegram.chat': { example: "'@oncall'" },
  'channels.NAME.telegram.url': { default: "'https://api.telegram.org'", example: "'https://telegram.example.com'" },
  'channels.NAME.ntfy.topic': { example: "secret('NTFY_TOPIC')" },
  'channels.NAME.ntfy.url': { default: "'https://ntfy.sh'", example: "'https://ntfy.example.com'" },
  'channels.NAME.ntfy.token': { example: "secret('NTFY_TOKEN')" },
  'channels.NAME.apprise.url': { example: "secret('APPRISE_URL')" },
  'channels.NAME.apprise.tag': { example: "'oncall'" },
  'channels.NAME.exec.command': { example: "['./page-me', 'oncall']" },
  'channels.NAME.exec.env': { default: '{}', example: "{ PAGER_TOKEN: secret('PAGER_TOKEN') }" },
  'channels.NAME.custom.send': {
    example: 'async notice => {}',
    meaning: 'The function itself is given to `custom()`.',
  },

  'routes[].match': { default: '{}', example: "{ kinds: ['leak'] }" },
  'routes[].channels': { example: "['desk']" },
  'routes[].continue': { default: 'false', example: 'true' },
  'routes[].match.kinds': { example: "['degraded', 'leak']" },
  'routes[].match.checks': { example: "['orders']" },
  'routes[].match.tags': { example: "['@checkout']" },
  'routes[].match.environments': { example: "['production']" },
  'routes[].match.severity': { example: "'warning'" },

  'quietHours[].from': { example: "'22:00'" },
  'quietHours[].to': { example: "'07:00'" },
  'quietHours[].timezone': {
    default: "that of `defaults`, or `'UTC'`",
    example: "'Europe/Berlin'",
    meaning: 'The time zone of the wall clock.',
  },
  'quietHours[].days': { example: "['saturday', 'sunday']" },
  'quietHours[].channels': { example: "['desk']" },
  'quietHours[].match': { default: '{}', example: "{ severity: 'info' }" },
  'quietHours[].match.kinds': { example: "['degraded', 'leak']" },
  'quietHours[].match.checks': { example: "['orders']" },
  'quietHours[].match.tags': { example: "['@checkout']" },
  'quietHours[].match.environments': { example: "['production']" },
  'quietHours[].match.severity': { example: "'warning'" },

  'reminders.after': { default: "['1h', '4h', '1d']", example: "['30m', '2h', '8h']" },

  'escalation[].after': { example: "'15m'" },
  'escalation[].channels': { example: "['manager']" },
  'escalation[].match': { default: '{}', example: "{ severity: 'critical' }" },
  'escalation[].match.checks': { example: "['orders']" },
  'escalation[].match.tags': { example: "['@checkout']" },
  'escalation[].match.environments': { example: "['production']" },
  'escalation[].match.severity': { example: "'warning'" },

  'certificates.warnDays': { default: '[30, 14, 7, 3, 1]', example: '[60, 30, 7, 1]' },
  'certificates.criticalDays': { default: '7', example: '3' },

  'maintenance[].cron': { example: "'0 2 * * 0'" },
  'maintenance[].length': { example: "'1h'", meaning: 'How long it lasts.' },
  'maintenance[].timezone': {
    default: "that of `defaults`, or `'UTC'`",
    example: "'Europe/Berlin'",
    meaning: 'Time zone of `cron`.',
  },
  'maintenance[].checks': { example: "['orders']" },

  'retention.results': { default: "'30d'", example: "'90d'" },
  'retention.evidence': { default: "'14d'", example: "'7d'" },
  'retention.evidenceBytes': { default: '5e9', example: '1e9' },

  'evidence.store': { default: "'folder'", example: "s3({ bucket: 'evidence', region: 'eu-central-1' })" },
  'evidence.store.s3.bucket': { example: "'evidence'", meaning: 'The name of the bucket, which has to exist.' },
  'evidence.store.s3.prefix': { default: "''", example: "'reprise-'" },
  'evidence.store.s3.endpoint': { example: "'http://127.0.0.1:9000'" },
  'evidence.store.s3.region': { default: "'us-east-1'", example: "'eu-central-1'" },
  'evidence.store.s3.forcePathStyle': { default: 'false', example: 'true' },
  'evidence.store.s3.accessKeyId': { example: "secret('S3_KEY_ID')" },
  'evidence.store.s3.secretAccessKey': { example: "secret('S3_KEY')" },
  'statusPage.public': { example: "'all'" },
  'statusPage.shows': { default: '[]', example: "['environments']" },
  'digest.cron': { example: "'0 8 * * 1'" },
  'digest.channels': { example: "['desk']" },
  'digest.timezone': { default: "that of `defaults`, or `'UTC'`", example: "'Europe/Berlin'" },
}
