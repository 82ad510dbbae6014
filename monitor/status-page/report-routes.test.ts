import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import express from 'express'
import { expect, test } from '../../testing/test.ts'
import type { PageContext } from './page-context.ts'
import { reportRoutes } from './report-routes.ts'

test('a HEAD request for evidence has the headers of a download, and reads nothing of it', async () => {
  const contents: { content: Readable; reads: number }[] = []
  const download = async () => {
    const opened = { reads: 0, content: new Readable() }
    opened.content = new Readable({
      read() {
        opened.reads++
        this.push(opened.reads === 1 ? 'bytes' : null)
      },
    })
    contents.push(opened)
    return { content: opened.content, bytes: 5 }
  }
  const app = express()
  app.use((_request, response, next) => {
    response.locals.viewer = { kind: 'operator', name: 'ada' }
    next()
  })
  app.use(reportRoutes({ reports: { open: async () => ({ kind: 'busy' }), download } } as unknown as PageContext))
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/reports/run/evidence.zip`
    const [head, got] = [await fetch(url, { method: 'HEAD' }), await fetch(url)]
    for (const { status, headers } of [head, got])
      expect([status, headers.get('content-length'), headers.get('content-type')]).toEqual([
        200,
        '5',
        'application/zip',
      ])
    expect([await head.text(), await got.text()]).toEqual(['', 'bytes'])
    expect(contents.map(({ content, reads }) => [content.destroyed, reads > 0])).toEqual([
      [true, false],
      [true, true],
    ])
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
