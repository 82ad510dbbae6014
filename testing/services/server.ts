/** Starts a server with all habits, over HTTP, HTTPS, and behind a gateway that strips a prefix. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { habits } from './habits.ts'
import { Things } from './things.ts'

export interface Services {
  url: string
  /** HTTPS that a proxy terminates: the service responds with HTTP URLs. */
  secureUrl: string
  /** With the prefix of a gateway, which the service does not know. */
  gatewayUrl: string
  things: Things
  close(): Promise<void>
}

/** @param certificate For 127.0.0.1. */
export async function startServices(certificate: { key: string; cert: string }): Promise<Services> {
  const things = new Things()
  const app = express()
  app.disable('x-powered-by')
  app.use(express.json({ strict: false }), express.urlencoded({ extended: false }), emptyBody)
  app.use((request, _response, next) => {
    request.url = request.url.replace(/^\/api\/v1\//, '/')
    next()
  })
  for (const { serve } of habits) serve(app, things)
  // Services that do not know their public URL.
  for (const [path, origin] of [
    ['/behind-tls', (host: string) => `http://${host}`],
    ['/behind-gateway', () => ''],
  ] as const) {
    app.post(path, ({ headers: { host = '' } }, response) => {
      const id = things.create(path)
      response
        .status(201)
        .set('location', `${origin(host)}${path}/${id}`)
        .json({ id })
    })
    app.get(`${path}/:id`, (request, response) => void response.status(things.get(request.path) ? 200 : 404).end())
    app.delete(
      `${path}/:id`,
      (request, response) => void response.status(things.delete(request.path) ? 204 : 404).end(),
    )
  }
  const servers = [createServer(app), createSecureServer(certificate, app)]
  const [port, securePort] = await Promise.all(
    servers.map(async server => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    }),
  )
  return {
    url: `http://127.0.0.1:${port}`,
    secureUrl: `https://127.0.0.1:${securePort}`,
    gatewayUrl: `http://127.0.0.1:${port}/api/v1/`,
    things,
    close: async () => {
      await Promise.all(
        servers.map(server => {
          server.closeAllConnections()
          return new Promise(resolve => server.close(resolve))
        }),
      )
    },
  }
}

const emptyBody: RequestHandler = (request, _response, next) => {
  request.body ??= {}
  next()
}
