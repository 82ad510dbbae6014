/** What the monitor in a container watches: the sample API, which both compose.yaml and a cluster call `sample`. */
import { defineMonitor } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    production: { baseURL: 'http://sample:3000', writes: 'cleaned' },
  },
  defaults: { timeout: '30s', retries: 1, slowAbove: '2s' },
  // Each instance can show the reports of all of them.
  evidence: { store: 'postgres' },
  // In a container the page listens on all addresses, and shows visitors nothing unless it is released.
  statusPage: { public: 'all' },
  checks: {
    health: { specs: 'users.spec.ts', title: 'is healthy', cron: '*/20 * * * * *' },
    users: { specs: 'users.spec.ts', title: 'finds an added user', cron: '* * * * *' },
    // Replayed by the nightly run: a check with a cron may just be replayed by the monitor then.
    nightly: { specs: 'users.spec.ts' },
  },
})
