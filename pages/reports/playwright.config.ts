import { defineConfig } from '@playwright/test'
import { redactedReport } from 'reprise/reporter'

export default defineConfig({
  reporter: [['list'], ...redactedReport({ personal: ['email'] })],
})