import { defineMonitor, secret } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    staging: {
      baseURL: 'https://staging.example.com',
      headers: { 'x-api-key': secret('SMOKE_TOKEN') },
      // `cleaned` for checks that create something.
      writes: 'refused',
    },
  },
  checks: { health: { specs: 'health.spec.ts' } },
})