/** The code under test: it takes a pool, and uses transactions of its own. */

export async function addNotes(pool, titles) {
  const client = await pool.connect()
  try {
    await client.query('begin')
    for (const title of titles) await client.query('insert into notes (title) values ($1)', [title])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

export async function listNotes(pool) {
  const { rows } = await pool.query('select title from notes order by title')
  return rows.map(({ title }) => title)
}
