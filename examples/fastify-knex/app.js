/** A list of notes, stored in PostgreSQL. */
import Fastify from 'fastify'
import knexPackage from 'knex'

export function createApp(databaseUrl) {
  const knex = knexPackage({ client: 'pg', connection: databaseUrl })
  const app = Fastify()
  app.addHook('onClose', () => knex.destroy())

  app.get('/health', async () => ({ status: 'up' }))

  app.get('/notes', () => knex('notes').select('id', 'title').orderBy('id'))

  const schema = {
    body: {
      type: 'object',
      required: ['titles'],
      properties: { titles: { type: 'array', items: { type: 'string' } } },
    },
  }

  // All of them, or none.
  app.post('/notes', { schema }, async (request, reply) => {
    try {
      const notes = await knex.transaction(async trx => {
        const stored = []
        for (const title of request.body.titles) {
          stored.push(...(await trx('notes').insert({ title }).returning(['id', 'title'])))
        }
        return stored
      })
      return reply.code(201).send(notes)
    } catch (error) {
      if (error.code !== '23505') throw error
      return reply.code(409).send({ error: 'There is a note with this title.' })
    }
  })

  return app
}
