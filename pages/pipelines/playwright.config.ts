import { defineConfig } from '@playwright/test'
import { redactedReport } from 'reprise/reporter'

const shard = process.env.SHARD

export default defineConfig({
  globalSetup: 'reprise/global-setup',
  reporter: [['list'], ...redactedReport(shard ? { html: false, blob: `blob-report/shard-${shard}.zip` } : {})],
})