/** Monitors the sample, as `npm start` runs it or at REPRISE_TARGET. */
import { defineMonitor, secret, webhook } from 'reprise/monitor'

const hasWebhook = Boolean(process.env.WEBHOOK_URL)

export default defineMonitor({
  environments: {
    production: { baseURL: 'http://127.0.0.1:3000', writes: 'cleaned' },
  },
  defaults: {
    timeout: '30s',
    retries: 1,
    slowAbove: '2s',
    // Short, so that a first trial shows a confirmed state soon.
    confirm: { down: 2, up: 1, every: '5s' },
    channels: hasWebhook ? ['desk'] : [],
  },
  // A few specs, often. In production, every few minutes is enough.
  checks: {
    users: {
      specs: 'e2e/api/users.spec.ts',
      title: /answers 201|finds a user|changes only the given|a deleted user/,
      project: 'deployed',
      cron: '*/20 * * * * *',
    },
    http: {
      specs: 'e2e/api/http.spec.ts',
      title: /are healthy|the plans exist|describes itself/,
      project: 'deployed',
      cron: '*/20 * * * * *',
    },
    health: { specs: 'e2e/plain-english/health-check.txt', project: 'plain-english', cron: '*/20 * * * * *' },
    english: {
      specs: 'e2e/plain-english/users.txt',
      tag: '@smoke',
      project: 'plain-english',
      cron: '*/20 * * * * *',
    },
  },
  channels: hasWebhook ? { desk: webhook({ url: secret('WEBHOOK_URL') }) } : {},
})
