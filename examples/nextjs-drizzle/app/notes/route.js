/** A list of notes, stored in PostgreSQL. */
import { db } from '../../db/client.js'
import { notes } from '../../db/schema.js'

// Not rendered when the service is built.
export const dynamic = 'force-dynamic'

export async function GET() {
  return Response.json(await db.select().from(notes).orderBy(notes.id))
}

/** Stores all of the titles, or none. */
export async function POST(request) {
  const { titles } = await request.json()
  try {
    const stored = await db.transaction(async transaction => {
      const all = []
      for (const title of titles) all.push(...(await transaction.insert(notes).values({ title }).returning()))
      return all
    })
    return Response.json(stored, { status: 201 })
  } catch (error) {
    if (error.cause?.code !== '23505') throw error
    return Response.json({ error: 'There is a note with this title.' }, { status: 409 })
  }
}
