/** What is monitored. `npx reprise monitor run` replays it now, `npx reprise monitor start` on schedule. */
import { defineMonitor } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    production: { baseURL: process.env.NOTES_URL ?? 'http://127.0.0.1:3000' },
  },
  checks: {
    service: { specs: 'e2e/service.spec.ts', tag: '@smoke', cron: '*/5 * * * *' },
  },
})
