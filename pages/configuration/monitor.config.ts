import { defineMonitor, secret, slack } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    production: {
      baseURL: 'https://api.example.com',
      headers: { authorization: secret('SMOKE_TOKEN') },
      writes: 'cleaned',
      onlineProbe: 'https://example.net/',
    },
  },
  defaults: { timezone: 'Europe/Berlin', timeout: '20s', channels: ['oncall'] },
  checks: {
    orders: { specs: 'orders.spec.ts', cron: '*/5 * * * *', slowAbove: '800ms' },
    reports: { tag: '@reports', cron: '0 6 * * 1-5', dependsOn: ['orders'] },
  },
  channels: { oncall: slack({ url: secret('SLACK_URL') }) },
  retention: { results: '90d' },
})