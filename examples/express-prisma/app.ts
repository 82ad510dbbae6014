/** A list of notes, stored in PostgreSQL. */
import express from 'express'
import { Prisma, type PrismaClient } from './generated/client.ts'

export function createApp(prisma: PrismaClient) {
  const app = express()
  app.use(express.json())

  app.get('/health', (_request, response) => {
    response.json({ status: 'up' })
  })

  app.get('/notes', async (_request, response) => {
    response.json(await prisma.note.findMany({ orderBy: { id: 'asc' } }))
  })

  // All of them, or none.
  app.post('/notes', async (request, response) => {
    const titles: string[] = request.body.titles
    try {
      const notes = await prisma.$transaction(titles.map(title => prisma.note.create({ data: { title } })))
      response.status(201).json(notes)
    } catch (error) {
      if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error
      response.status(409).json({ error: 'There is a note with this title.' })
    }
  })

  return app
}
