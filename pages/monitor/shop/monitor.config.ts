import { defineMonitor, secret, slack } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    production: {
      baseURL: 'https://api.example.com',
      headers: { authorization: `Bearer ${secret('SMOKE_TOKEN')}` },
      writes: 'cleaned',
    },
  },
  defaults: {
    timezone: 'Europe/Berlin',
    confirm: { down: 2, up: 1, every: '20s' },
    channels: ['oncall'],
    locations: ['frankfurt', 'virginia', 'tokyo'],
  },
  checks: {
    orders: { specs: 'orders.spec.ts', cron: '*/5 * * * *', slowAbove: '800ms' },
    reports: {
      specs: 'reports.spec.ts',
      cron: '30 2 * * *',
      dependsOn: ['orders'],
      locations: ['frankfurt'],
      makeUpMissed: true,
    },
  },
  channels: { oncall: slack({ url: secret('SLACK_URL') }) },
  maintenance: [{ cron: '0 3 * * 0', length: '1h', checks: ['reports'] }],
  retention: { results: '30d', evidence: '14d', evidenceBytes: 5e9 },
})