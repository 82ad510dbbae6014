import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { openPromise } from 'yauzl'
import { ZipFile } from 'yazl'
import { expect, test } from '../../testing/test.ts'
import { joinArchives } from './joined-archives.ts'

const end = { method: 'onEnd', params: { result: { startTime: 0, duration: 1 } } }
const project = (...files: { title: string; tests: string[] }[]) => ({
  method: 'onProject',
  params: {
    project: {
      name: 'api',
      suites: files.map(({ title, tests }) => ({
        title,
        entries: [{ title: 'suite', entries: tests.map(testId => ({ testId })) }],
      })),
    },
  },
})
const result = (testId: string, id: string, status = 'passed') => [
  { method: 'onTestBegin', params: { testId, result: { id } } },
  { method: 'onTestEnd', params: { test: { testId }, result: { id, status } } },
]

async function writeArchive(file: string, events: readonly object[]): Promise<void> {
  const archive = new ZipFile()
  archive.addBuffer(Buffer.from(events.map(event => JSON.stringify(event)).join('\n')), 'report.jsonl')
  archive.end()
  await pipeline(archive.outputStream, createWriteStream(file))
}

async function eventsIn(file: string): Promise<object[]> {
  const archive = await openPromise(file)
  for await (const entry of archive.eachEntry()) {
    const lines = await text(await archive.openReadStreamPromise(entry))
    archive.close()
    return lines.split('\n').map(line => JSON.parse(line))
  }
  return []
}

test('the tests of all processes are in the joined archive, each once, with their attempts', async ({}, info) => {
  const file = (name: string) => info.outputPath(name)
  // Of a process before them, which has died, there is none.
  await writeArchive(file('1.zip'), [project({ title: 'a', tests: ['a1'] }), ...result('a1', '1'), end])
  await writeArchive(file('2.zip'), [
    project({ title: 'a', tests: ['a1', 'a2'] }, { title: 'b', tests: ['b1'] }),
    ...[...result('a2', '2', 'skipped'), ...result('b1', '3')],
    end,
  ])
  await writeArchive(file('3.zip'), [project({ title: 'a', tests: ['a2'] }), ...result('a2', '4'), end])
  await joinArchives(['1.zip', '2.zip', '3.zip'].map(file), path.join(info.outputDir, 'joined.zip'))
  expect(await eventsIn(file('joined.zip'))).toEqual([
    project({ title: 'a', tests: ['a1'] }),
    ...result('a1', '1'),
    project({ title: 'a', tests: ['a2'] }, { title: 'b', tests: ['b1'] }),
    ...result('b1', '3'),
    ...result('a2', '4'),
    end,
  ])
})
