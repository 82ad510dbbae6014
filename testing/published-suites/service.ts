/**
 * Answers as the services do that published suites were written for: the HTTP server of robotframework-requests, which is httpbin's,
 * the cats and searches of Karate's demos, the forms of Robot Framework Browser, and the application of nodejs-demoapp.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { STATUS_CODES } from 'node:http'
import express, { type Express, type Request, type Response } from 'express'
import { bytesOf, cookiesOf, formOf, jsonOf, sendJson } from './answers.ts'
import { listen, type PublishedService } from './published-service.ts'

export async function startPublishedService(): Promise<PublishedService> {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.raw({ type: () => true }))
  addHttpbin(app)
  addKarateDemo(app)
  addForms(app)
  addDemoApp(app)
  return listen(app)
}

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'HEAD', 'OPTIONS']

function addHttpbin(app: Express): void {
  app.get('/headers', (request, response) => sendJson(response, { headers: titled(request.headers) }))
  app.get('/json', (_request, response) =>
    sendJson(response, {
      slideshow: { author: 'Yours Truly', slides: [{ title: 'Wake up to WonderWidgets!', type: 'all' }] },
    }),
  )
  app.all(['/anything', '/get', '/post', '/put', '/patch', '/delete'], async (request, response) => {
    if (request.method === 'OPTIONS') response.setHeader('Allow', methods.join(', ')).end()
    else sendJson(response, await echoOf(request))
  })
  app.all('/status/:code', (request, response) => {
    const status = request.method === 'OPTIONS' ? 200 : Number(request.params.code)
    response.statusMessage = (STATUS_CODES[status] ?? '').toUpperCase()
    response.status(status).end()
  })
  app.all('/redirect-to', (request, response) => {
    response.status(302).setHeader('Location', String(request.query.url)).end()
  })
  app.get('/cookies', (request, response) => sendJson(response, { cookies: cookiesOf(request) }))
  app.get('/cookies/set', (request, response) => {
    for (const [name, value] of Object.entries(request.query)) response.append('Set-Cookie', `${name}=${value}; Path=/`)
    response.redirect('/cookies')
  })
  app.get('/basic-auth/:user/:password', (request, response) => {
    const { user, password } = request.params
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    if (request.headers.authorization === wanted) sendJson(response, { authenticated: true, user })
    else response.setHeader('WWW-Authenticate', 'Basic realm="Fake Realm"').status(401).end()
  })
}

async function echoOf(request: Request): Promise<object> {
  const type = request.headers['content-type'] ?? ''
  const body = bytesOf(request)
  const isForm = /^(?:multipart\/form-data|application\/x-www-form-urlencoded)\b/.test(type)
  const { form, files } = isForm ? await formOf(body, type) : { form: {}, files: {} }
  const data = isForm ? '' : String(body)
  return {
    method: request.method,
    url: `http://${request.headers.host}${request.originalUrl}`,
    args: request.query,
    headers: titled(request.headers),
    origin: '127.0.0.1',
    form,
    files,
    data,
    json: jsonOf(data),
  }
}

/** Names as Python's server has them: `Content-Type`. */
function titled(headers: IncomingHttpHeaders): object {
  const title = (name: string) => name.replace(/(?:^|-)[a-z]/g, letters => letters.toUpperCase())
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [title(name), value]))
}

interface Cat {
  id: number
  name: string
  kittens?: Cat[]
}

function addKarateDemo(app: Express): void {
  const cats = new Map<number, Cat>()
  app.post('/cats', (request, response) => {
    const cat: Cat = { id: cats.size + 1, ...Object(jsonOf(String(request.body))) }
    cats.set(cat.id, cat)
    sendJson(response, cat)
  })
  app.get('/cats', (_request, response) => sendJson(response, [...cats.values()]))
  app.get('/cats/:id', (request, response) => {
    const cat = cats.get(Number(request.params.id))
    if (!cat) response.status(404).end()
    else if (request.headers.accept === 'application/xml') {
      const xml = `<cat><id>${cat.id}</id><name>${cat.name}</name></cat>`
      response.setHeader('Content-Type', 'application/xml').end(xml)
    } else sendJson(response, cat)
  })
  app.get('/cats/:id/kittens', (request, response) =>
    sendJson(response, cats.get(Number(request.params.id))?.kittens ?? []),
  )
  const search = (request: Request, response: Response) =>
    sendJson(response, Object.fromEntries(Object.entries(request.query).map(([name, value]) => [name, [value].flat()])))
  app.get(['/search', '/echo'], search)
  app.all('/search/cookies', (request, response) =>
    sendJson(
      response,
      Object.entries(cookiesOf(request)).map(([name, value]) => ({ name, value })),
    ),
  )
  app.all('/redirect', (request, response) => {
    const { search } = new URL(request.originalUrl, 'http://service')
    response.status(302).setHeader('Location', `http://${request.headers.host}/search${search}`).end()
  })
  app.post('/signin', (request, response) => {
    const fields = new URLSearchParams(String(request.body))
    response.type('text').end(fields.get('password') === 'secret' ? 'success' : 'failure')
  })
}

const form = `<!doctype html>
<title>prefilled_email_form.html</title>
<h1>Email</h1>
<form>
  <label>Name <input name="name" value="Prefilled Name"></label>
  <label><input type="checkbox" name="can_send_email" checked> Email is fine</label>
  <label><input type="checkbox" name="can_send_sms"> SMS is fine</label>
  <label>Preferred channel
    <select name="preferred_channel">
      <option value="email">Email</option>
      <option value="phone" selected>Telephone</option>
      <option value="directmail">Direct mail</option>
    </select>
  </label>
  <label>Possible channels
    <select name="possible_channels" multiple>
      <option value="email" selected>Email</option>
      <option value="phone" selected>Telephone</option>
      <option value="directmail">Direct mail</option>
    </select>
  </label>
  <label>Interests
    <select name="interests" multiple>
      <option value="males">Males</option>
      <option value="females">Females</option>
      <option value="others">Others</option>
    </select>
  </label>
</form>`

/** Shows what the list names a while after the button was clicked. */
const waiting = `<!doctype html>
<title>wait.html</title>
<select id="dropdown">
  <option value="attached-unchecked">A checkbox that is not checked</option>
  <option value="attached-checked">A checkbox that is checked</option>
</select>
<button id="submit" onclick="setTimeout(show, 300)">Submit</button>
<p id="place"></p>
<script>
function show() {
  const isChecked = dropdown.value === 'attached-checked'
  place.innerHTML = '<input id="victim" type="checkbox"' + (isChecked ? ' checked>' : '>')
}
</script>`

function addForms(app: Express): void {
  app.get('/prefilled_email_form.html', (_request, response) => {
    response.type('html').end(form)
  })
  app.get('/wait.html', (_request, response) => {
    response.type('html').end(waiting)
  })
}

interface Todo {
  id: string
  title?: string
}

function addDemoApp(app: Express): void {
  const todos = new Map<string, Todo>()
  const page = (text: string) => (_request: Request, response: Response) => {
    response.type('html').end(`<!doctype html><title>Demo</title>${text}`)
  }
  app.get('/', page('<footer>Ben Coleman, 2018</footer>'))
  app.get('/info', page('<h2>Memory</h2><div class="envvars">PATH</div>'))
  app.get('/tools', page('<button>Call garbage collector</button>'))
  app.get('/weather', page('<p>Geolocated weather</p>'))
  app.get('/api/monitoringdata', (_request, response) =>
    sendJson(response, { memUsedBytes: 30_000_000, cpuAppPercentage: 0.5 }),
  )
  app.get('/api/weather/:latitude/:longitude', (_request, response) =>
    sendJson(response, { weather: [{ main: 'Clouds' }], main: { temp: 11.5 }, name: 'Bromley' }),
  )
  app.get('/api/todo', (_request, response) => sendJson(response, [...todos.values()]))
  app.post('/api/todo', (request, response) => {
    const newId = `todo-${todos.size + 1}`
    todos.set(newId, { id: newId, ...Object(jsonOf(String(request.body))) })
    sendJson(response, { msg: 'Added', newId })
  })
  app.put('/api/todo/:id', (request, response) => {
    const { id } = request.params
    todos.set(id, { id, ...Object(jsonOf(String(request.body))) })
    sendJson(response, { msg: 'Updated' })
  })
  app.delete('/api/todo/:id', (request, response) => {
    todos.delete(request.params.id)
    sendJson(response, { msg: 'Deleted' })
  })
}
