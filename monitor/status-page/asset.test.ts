import { once } from 'node:events'
import { createServer } from 'node:http'
import path from 'node:path'
import express from 'express'
import { writeFiles } from '../../testing/project-folder.ts'
import { expect, test } from '../../testing/test.ts'
import { asset } from './asset.ts'

test('a file below a dotted folder is served, as pnpm has packages there', async ({}, info) => {
  const folder = info.outputPath('node_modules/.pnpm/uplot/dist')
  await writeFiles(folder, { 'chart.js': 'draw()' })
  const server = createServer(express().get('/chart.js', asset(path.join(folder, 'chart.js')))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const response = await fetch(`http://127.0.0.1:${Object(server.address()).port}/chart.js`)
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: 'draw()' })
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
