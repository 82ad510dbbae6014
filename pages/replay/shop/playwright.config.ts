import { defineConfig } from '@playwright/test'
import type { WorkerOptions } from 'reprise'
import { secret } from 'reprise/monitor'

export default defineConfig<object, WorkerOptions>({
  use: {
    target: {
      name: 'staging',
      headers: { authorization: `Bearer ${secret('SMOKE_TOKEN')}` },
      writes: 'cleaned',
      cleanup: [
        {
          create: 'POST /orders',
          remove: 'DELETE /orders/{body.id}',
          find: 'GET /orders?ref={request.ref}',
        },
      ],
      version: { header: 'x-version' },
    },
  },
})