import { expect, test } from 'reprise'
test.use({ evidence: 'on-first-retry' })
test.use({ evidence: { mode: 'retain-on-failure', attachmentBytes: 500_000 } })