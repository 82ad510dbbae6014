import { test as base } from 'reprise'
export const test = base.extend({ migrations: [{ command: 'npx prisma migrate deploy', files: ['prisma', 'prisma.config.ts'] }, { scope: 'worker' }], })