/** The notes of users who have signed in, as pages and as JSON; sessions are rows of the database. */
const express = require('express')
const { Pool } = require('pg')

const pool = new Pool({ connectionString: process.env.DATABASE_URL })
const app = express()
app.use(express.json(), express.urlencoded())

app.get('/health', (_request, response) => response.json({ status: 'up' }))

app.get('/login', (_request, response) => {
  response.send(
    page(`<h1>Sign in</h1>
      <form method="post">
        <label>Name <input name="name"></label>
        <label>Password <input name="password" type="password"></label>
        <button>Sign in</button>
      </form>`),
  )
})

app.post('/login', async (request, response) => {
  const { name, password } = request.body
  const { rows } = await pool.query(
    `insert into sessions (user_name) select name from users where name = $1 and password = $2 returning token`,
    [name, password],
  )
  if (rows.length === 0) return response.status(401).send(page('<p role="alert">Name or password is wrong.</p>'))
  response.cookie('session', rows[0].token, { httpOnly: true, sameSite: 'lax' }).redirect(303, '/')
})

// What follows needs a session.
app.use(async (request, response, next) => {
  const token = /(?:^|; )session=([0-9a-f-]{36})/.exec(request.headers.cookie ?? '')?.[1]
  const { rows } = await pool.query('select user_name from sessions where token = $1', [token])
  if (rows.length > 0) response.locals.user = rows[0].user_name
  else return request.path.startsWith('/api/') ? response.status(401).json({}) : response.redirect('/login')
  next()
})

app.get('/', async (_request, response) => {
  const items = (await notesOf(response.locals.user)).map(({ title }) => `<li>${escaped(title)}</li>`)
  response.send(
    page(`<h1>Notes of ${escaped(response.locals.user)}</h1>
      <ul data-test="notes">${items.join('')}</ul>
      <form method="post" action="/notes"><label>Title <input name="title"></label> <button>Add</button></form>`),
  )
})

app.post('/notes', async (request, response) => {
  await store(response.locals.user, request.body.title)
  response.redirect(303, '/')
})

app.get('/api/notes', async (_request, response) => response.json(await notesOf(response.locals.user)))

app.post('/api/notes', async (request, response) => {
  const note = await store(response.locals.user, request.body.title)
  response.status(201).location(`/api/notes/${note.id}`).json(note)
})

app.get('/api/notes/:id', async (request, response) => {
  const note = (await notesOf(response.locals.user)).find(({ id }) => String(id) === request.params.id)
  response.status(note ? 200 : 404).json(note ?? {})
})

app.delete('/api/notes/:id', async (request, response) => {
  await pool.query('delete from notes where user_name = $1 and id = $2', [response.locals.user, request.params.id])
  response.sendStatus(204)
})

app.listen(process.env.PORT ?? 3000)

async function notesOf(user) {
  const query = 'select id, title, created_at from notes where user_name = $1 order by id'
  return (await pool.query(query, [user])).rows
}

async function store(user, title) {
  const query = 'insert into notes (user_name, title) values ($1, $2) returning id, title, created_at'
  return (await pool.query(query, [user, title])).rows[0]
}

const page = body => `<!doctype html><title>Notes</title>${body}`
const escaped = text => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
