import { defineMonitor, secret } from 'reprise/monitor'

export default defineMonitor({
  environments: {
    production: {
      baseURL: 'https://api.example.com',
      headers: { authorization: `Bearer ${secret('SMOKE_TOKEN')}` },
      writes: 'cleaned',
    },
  },
  defaults: { timeout: '30s', retries: 1, slowAbove: '800ms' },
  checks: {
    orders: { specs: 'orders.spec.ts' },
  },
})