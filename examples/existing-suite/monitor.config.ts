/** What is monitored. `npx reprise monitor run` replays it now, `npx reprise monitor start` on schedule. */
import { defineMonitor } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    production: {
      baseURL: process.env.NOTES_URL ?? 'http://127.0.0.1:3000',
      // Has to be set, and is in no report.
      secrets: ['NOTES_PASSWORD'],
      // Notes that specs store are removed. The session of a sign-in stays: the service has no request that removes it.
      writes: 'cleaned',
      reads: ['POST /login'],
    },
  },
  checks: {
    service: { specs: 'tests/api/*.spec.ts', tag: '@smoke', cron: '*/5 * * * *' },
  },
})
