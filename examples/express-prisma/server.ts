import { PrismaPg } from '@prisma/adapter-pg'
import { createApp } from './app.ts'
import { PrismaClient } from './generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
createApp(new PrismaClient({ adapter })).listen(process.env.PORT ?? 3000)
