import { defineConfig } from '@playwright/test'
      import type { Options, WorkerOptions } from 'reprise'
      export default defineConfig<Options, WorkerOptions>({ projects: [
  { name: 'setup', testMatch: /auth\.setup\.ts/, use: { isolation: 'seed' } },
  { name: 'signed-in', use: { storageState: '.auth/user.json' }, dependencies: ['setup'] },
] })