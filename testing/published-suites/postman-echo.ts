/** Answers as postman-echo.com does, for the published collections that call it. */
import { createHash } from 'node:crypto'
import { deflateSync, gzipSync } from 'node:zlib'
import express, { type Request, type Response } from 'express'
import { bytesOf, cookiesOf, formOf, jsonOf, sendJson } from './answers.ts'
import { listen, type PublishedService } from './published-service.ts'

const [user, password, realm, nonce] = ['postman', 'password', 'Users', 'ni1LiL0O37PRRhofWdCLmwFsnEtH1lew']

export async function startPostmanEcho(): Promise<PublishedService> {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.raw({ type: () => true }))
  for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    app[method](`/${method}`, async (request, response) => sendJson(response, await echoOf(request)))
  }
  app.get('/headers', (request, response) => sendJson(response, { headers: request.headers }))
  app.get('/response-headers', (request, response) => {
    for (const [name, value] of Object.entries(request.query)) response.setHeader(name, String(value))
    response.end(JSON.stringify(request.query))
  })
  app.get('/status/:code', (request, response) => {
    const status = Number(request.params.code)
    response.status(status)
    sendJson(response, { status })
  })
  app.get('/basic-auth', (request, response) => {
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    authenticate(response, request.headers.authorization === wanted, 'Basic realm="Users"')
  })
  app.get('/digest-auth', (request, response) =>
    authenticate(response, isDigest(request), `Digest realm="${realm}", nonce="${nonce}"`),
  )
  app.get('/cookies', (request, response) => sendJson(response, { cookies: cookiesOf(request) }))
  app.get('/cookies/set', (request, response) => {
    for (const [name, value] of Object.entries(request.query)) response.append('Set-Cookie', `${name}=${value}; Path=/`)
    response.redirect('/cookies')
  })
  app.get('/cookies/delete', (request, response) => {
    for (const name of Object.keys(request.query)) response.append('Set-Cookie', `${name}=; Path=/; Max-Age=0`)
    response.redirect('/cookies')
  })
  app.get('/stream/:count', (request, response) => {
    for (let at = 0; at < Number(request.params.count); at++) response.write(JSON.stringify({ args: { at } }, null, 2))
    response.end()
  })
  app.get('/delay/:seconds', (request, response) => sendJson(response, { delay: request.params.seconds }))
  app.get('/encoding/utf8', (_request, response) => {
    response.type('html').end('<h1>Unicode</h1><p>∮ E⋅da = Q, ⡌⠁⠧⠑ ⠼⠁⠒</p>')
  })
  const packed = { gzip: ['gzipped', gzipSync], deflate: ['deflated', deflateSync] } as const
  for (const [encoding, [name, pack]] of Object.entries(packed)) {
    app.get(`/${encoding}`, ({ headers, method }, response) => {
      response.setHeader('Content-Type', 'application/json').setHeader('Content-Encoding', encoding)
      response.end(pack(JSON.stringify({ [name]: true, headers, method })))
    })
  }
  app.post('/oauth2/token', (_request, response) => sendJson(response, { access_token: 'a-b', token_type: 'Bearer' }))
  app.get('/oauth2/user/info', (_request, response) => sendJson(response, { user_id: 1, name: 'postman' }))
  return listen(app)
}

async function echoOf(request: Request): Promise<object> {
  const type = request.headers['content-type'] ?? ''
  const body = bytesOf(request)
  const isForm = /^(?:multipart\/form-data|application\/x-www-form-urlencoded)\b/.test(type)
  const { form, files } = isForm ? await formOf(body, type) : { form: {}, files: {} }
  const json = jsonOf(String(body))
  return {
    args: request.query,
    data: isForm ? {} : (json ?? String(body)),
    files,
    form,
    headers: request.headers,
    json,
    url: `https://postman-echo.com${request.originalUrl}`,
  }
}

function authenticate(response: Response, isSignedIn: boolean, challenge: string): void {
  if (isSignedIn) sendJson(response, { authenticated: true })
  else response.setHeader('WWW-Authenticate', challenge).status(401).end('Unauthorized')
}

/** Whether the request answers the challenge. */
function isDigest({ method, headers: { authorization = '' } }: Request): boolean {
  const given = Object.fromEntries(
    [...authorization.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = '', quoted, plain]) => [
      name,
      quoted ?? plain ?? '',
    ]),
  )
  const md5 = (...parts: (string | undefined)[]) => createHash('md5').update(parts.join(':')).digest('hex')
  const [one, other] = [md5(user, realm, password), md5(method, given.uri)]
  const middle = given.qop === undefined ? [nonce] : [nonce, given.nc, given.cnonce, given.qop]
  return given.username === user && given.response === md5(one, ...middle, other)
}
