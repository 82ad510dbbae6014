/** What is monitored here: the sample, as `npm start` runs it, or wherever REPRISE_TARGET says. */
import { defineMonitor, secret, webhook } from 'reprise/monitor'

const isSomebodyTold = Boolean(process.env.WEBHOOK_URL)

export default defineMonitor({
  environments: {
    production: { baseURL: 'http://127.0.0.1:3000', writes: 'cleaned' },
  },
  defaults: {
    timeout: '30s',
    retries: 1,
    slowAbove: '2s',
    // Soon, for those who try it out.
    confirm: { down: 2, up: 1, every: '5s' },
    channels: isSomebodyTold ? ['desk'] : [],
  },
  // A few specs that say whether it works, and often; in earnest every few minutes will do.
  checks: {
    users: {
      specs: 'e2e/api/users.spec.ts',
      title: /answers 201|finds a user|changes what is given|a deleted user/,
      project: 'deployed',
      cron: '*/20 * * * * *',
    },
    http: {
      specs: 'e2e/api/http.spec.ts',
      title: /are well|the plans are there|describes itself/,
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
  channels: isSomebodyTold ? { desk: webhook({ url: secret('WEBHOOK_URL') }) } : {},
})
