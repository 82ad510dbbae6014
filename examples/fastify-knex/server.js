import { createApp } from './app.js'

const app = createApp(process.env.DATABASE_URL)
await app.listen({ port: Number(process.env.PORT ?? 3000) })
