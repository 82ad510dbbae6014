/** Monitors the page of the sample, for the trial of the image with a browser. */
import { defineMonitor } from 'reprise/monitor'

export default defineMonitor({
  environments: { production: { baseURL: 'http://sample:3000' } },
  checks: { page: { specs: 'page.spec.ts' } },
})
