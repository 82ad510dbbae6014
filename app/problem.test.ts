import { Writable } from 'node:stream'
import express from 'express'
import { pino } from 'pino'
import { expect, test } from '../testing/test.ts'
import { problemHandler, toProblem } from './problem.ts'
import { requestLog } from './request-log.ts'
import { serve } from './server.ts'

test('an internal error is logged with its cause, and the client gets only the request id', async () => {
  const lines: string[] = []
  const log = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const app = express()
    .use(requestLog(pino(log)))
    .get('/', () => {
      throw new Error('the password is hunter2')
    })
    .use(problemHandler)
  const server = await serve(app, '127.0.0.1', 0)

  const response = await fetch(server.url, { headers: { 'X-Request-Id': 'deploy-17' } })

  expect(response.status).toBe(500)
  const body = await response.text()
  expect(body).not.toContain('hunter2')
  expect(JSON.parse(body)).toMatchObject({ status: 500, title: 'Internal Server Error', requestId: 'deploy-17' })
  await server.close(0)
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines.join(''))).toMatchObject({
    level: pino.levels.values.error,
    req: { id: 'deploy-17', method: 'GET', path: '/' },
    err: { message: 'the password is hunter2', stack: expect.stringContaining('problem.test.ts') },
  })
})

test('an error with a 4xx status keeps its status and message', () => {
  const problem = toProblem(Object.assign(new Error('request entity too large'), { status: 413 }))
  expect([problem.status, problem.message]).toEqual([413, 'request entity too large'])
})

for (const error of [undefined, null, 'text', { status: 418 }, Object.assign(new Error('secret'), { status: 502 })]) {
  test(`${JSON.stringify(error)}, thrown, is a 500 without its message`, () => {
    const problem = toProblem(error)
    expect([problem.status, problem.message]).toEqual([500, expect.not.stringContaining('secret')])
  })
}
