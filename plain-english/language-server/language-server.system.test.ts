import { spawn } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { test as base, expect } from '@playwright/test'
import { glob } from 'tinyglobby'
import {
  CompletionRequest,
  createProtocolConnection,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  FileChangeType,
  type FileEvent,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  RegistrationRequest,
  ShowMessageNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'
import { commandLine, imported } from '../../testing/built/built-modules.ts'
import { childEnvironment } from '../../testing/child-environment.ts'
import { projectFolder, writeFiles } from '../../testing/project-folder.ts'

interface Client {
  connection: ProtocolConnection
  folder: string
  /** Opens a file, and resolves with its faults. */
  open(text: string): Promise<PublishDiagnosticsParams>
  /** Resolves with the next faults that the server reports. */
  next(): Promise<PublishDiagnosticsParams>
  /** Writes a file of the folder, and tells the server about it if it has asked for the changes of such files. */
  change(name: string, text: string): Promise<void>
  /** The warnings that the server has shown. */
  warnings: string[]
  /** The exit code of the server. */
  exited: Promise<number | null>
}

const module = (expression: string) => `import { defineSentence } from '${imported('plain-english/index')}'
import more from './more-sentences.ts'
export default [
  ...more,
  defineSentence(
    '${expression}',
    () => undefined,
    { meaning: 'lets time pass', example: 'I wait 3 days' },
  ),
]
`
const moreSentences = (expression: string) => `import { defineSentence } from '${imported('plain-english/index')}'
export default [defineSentence('${expression}', () => undefined)]`

const test = base.extend<{ client: Client }>({
  client: async ({}, use) => {
    const folder = projectFolder()
    await writeFiles(folder, {
      'playwright.config.ts': `
        console.log('The project prints this.')
        import { plainEnglish } from '${imported('plain-english/playwright/project')}'
        export default { projects: [plainEnglish({ folder: import.meta.dirname, files: '*.txt', sentences: 'sentences.ts' })] }`,
      'sentences.ts': module('I wait {int} day(s)'),
      'more-sentences.ts': moreSentences('I sleep'),
    })
    const [program = '', ...args] = commandLine()
    const server = spawn(program, [...args, 'plain-english', 'lsp', '--stdio'], {
      cwd: folder,
      env: childEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const exited = new Promise<number | null>(resolve => server.once('exit', resolve))
    const connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    )
    const waiting: ((params: PublishDiagnosticsParams) => void)[] = []
    connection.onNotification(PublishDiagnosticsNotification.type, params => waiting.shift()?.(params))
    const warnings: string[] = []
    connection.onNotification(ShowMessageNotification.type, ({ message }) => void warnings.push(message))
    connection.listen()
    const next = () => new Promise<PublishDiagnosticsParams>(resolve => waiting.push(resolve))
    const patterns = new Promise<string[]>(resolve =>
      connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
        const [{ method, registerOptions } = { method: '' }] = registrations
        expect(method).toBe(DidChangeWatchedFilesNotification.method)
        resolve(Object(registerOptions).watchers.map(({ globPattern }: { globPattern: string }) => globPattern))
      }),
    )
    const capabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } }
    await connection.sendRequest(InitializeRequest.type, { processId: process.pid, rootUri: null, capabilities })
    await connection.sendNotification(InitializedNotification.type, {})
    const change = async (name: string, text: string) => {
      await writeFile(path.join(folder, name), text)
      const isWatched = (await glob(await patterns, { cwd: folder })).includes(name)
      const changes: FileEvent[] = [{ uri: pathToFileURL(path.join(folder, name)).href, type: FileChangeType.Changed }]
      if (isWatched) await connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes })
    }
    const open = async (text: string) => {
      const found = next()
      const textDocument = { uri, languageId: 'reprise', version: 1, text }
      await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
      return found
    }
    const uri = pathToFileURL(path.join(folder, 'a.txt')).href
    await use({ connection, folder, open, next, change, warnings, exited })
    server.kill()
    await exited
    connection.dispose()
    await rm(folder, { recursive: true })
  },
})

test('an editor gets faults, completion, definitions and documentation', async ({ client }) => {
  const { connection, folder, open, next, change, warnings, exited } = client
  const textDocument = { uri: pathToFileURL(path.join(folder, 'a.txt')).href }
  const { diagnostics } = await open('GET /users\nSave Field id As user\nStatus Cod Should Be 200\nI wait 3 days\n')
  expect(diagnostics).toEqual([
    expect.objectContaining({
      range: { start: { line: 2, character: 7 }, end: { line: 2, character: 10 } },
      message: expect.stringContaining('Did you mean: Status Code Should Be {int}'),
    }),
  ])

  const changed = next()
  const corrected = {
    range: { start: { line: 2, character: 0 }, end: { line: 2, character: 24 } },
    text: 'GET /users/${',
  }
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { ...textDocument, version: 2 },
    contentChanges: [corrected],
  })
  expect((await changed).diagnostics).toHaveLength(1)

  const variables = await connection.sendRequest(CompletionRequest.type, {
    textDocument,
    position: { line: 2, character: 13 },
  })
  expect([variables].flat()[0]).toMatchObject({ label: 'user', detail: 'line 2', sortText: '00000' })
  const sentences = await connection.sendRequest(CompletionRequest.type, {
    textDocument,
    position: { line: 3, character: 2 },
  })
  expect([sentences].flat()).toContainEqual(
    expect.objectContaining({
      label: 'I wait {int} day(s)',
      detail: 'lets time pass',
      textEdit: {
        range: { start: { line: 3, character: 0 }, end: { line: 3, character: 2 } },
        newText: 'I wait ${1:3} days',
      },
    }),
  )

  const hover = await connection.sendRequest(HoverRequest.type, { textDocument, position: { line: 0, character: 1 } })
  expect(hover?.contents).toMatchObject({ value: expect.stringContaining('sends a request') })
  const where = await connection.sendRequest(DefinitionRequest.type, {
    textDocument,
    position: { line: 3, character: 4 },
  })
  expect(where).toEqual({
    uri: pathToFileURL(path.join(folder, 'sentences.ts')).href,
    range: { start: { line: 5, character: 5 }, end: { line: 5, character: 24 } },
  })

  // The project's sentences are loaded again after a change.
  const checked = next()
  await change('sentences.ts', module('I rest {int} day(s)'))
  expect((await checked).diagnostics.map(({ range }) => range.start.line)).toContain(3)

  // Also those of a module that the project's module imports.
  const mended = { range: { start: { line: 3, character: 0 }, end: { line: 3, character: 13 } }, text: 'I dream' }
  const unknown = next()
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { ...textDocument, version: 3 },
    contentChanges: [mended],
  })
  const linesOf = ({ diagnostics }: PublishDiagnosticsParams) => diagnostics.map(({ range }) => range.start.line)
  expect(linesOf(await unknown)).toContain(3)
  const known = next()
  await change('more-sentences.ts', moreSentences('I dream'))
  expect(linesOf(await known)).not.toContain(3)

  // A sentence that is no valid expression: the built-in ones remain.
  const fallback = next()
  await change('sentences.ts', module('I have {integer} apples'))
  expect((await fallback).diagnostics.map(({ range }) => range.start.line)).toContain(3)
  expect(warnings.join()).toContain('{integer}')

  for (const uri of ['file://host/a.txt', 'file:///a%2Fb.txt', 'file:///a%zz.txt', 'untitled:Untitled-1']) {
    const found = next()
    const opened = { uri, languageId: 'reprise', version: 1, text: 'Include "b.txt"\nGET /users' }
    await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: opened })
    expect(await found).toMatchObject({ uri, diagnostics: [{ message: expect.stringContaining('is in no file') }] })
  }
  expect(warnings.filter(text => text.includes('is no path on this system'))).toHaveLength(3)

  await connection.sendRequest(ShutdownRequest.type)
  await connection.sendNotification(ExitNotification.type)
  expect(await exited).toBe(0)
})

test('a file is checked again when a file that it includes changes, also by way of another one', async ({ client }) => {
  const { connection, folder, open, next, change } = client
  await writeFile(path.join(folder, 'logins.txt'), 'Include "roles.txt"\nGET /me')
  await writeFile(path.join(folder, 'roles.txt'), 'GET /roles')
  expect((await open('Scenario: a\nInclude "logins.txt"\n')).diagnostics).toEqual([])

  const faulty = next()
  await change('roles.txt', 'GET /roles\nStatus Cod Should Be 200')
  expect((await faulty).diagnostics).toEqual([
    expect.objectContaining({
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 20 } },
      message: expect.stringContaining('roles.txt:2:8: No sentence matches'),
    }),
  ])

  // An editor that watches no files says when one of its own is saved.
  await writeFile(path.join(folder, 'roles.txt'), 'GET /roles')
  const mended = next()
  const textDocument = { uri: pathToFileURL(path.join(folder, 'roles.txt')).href }
  const opened = next()
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { ...textDocument, languageId: 'reprise', version: 1, text: 'GET /roles' },
  })
  await connection.sendNotification(DidSaveTextDocumentNotification.type, { textDocument })
  const found = [await mended, await opened]
  expect(found.map(({ uri, diagnostics }) => [path.basename(uri), diagnostics]).sort()).toEqual([
    ['a.txt', []],
    ['roles.txt', []],
  ])

  const removed = next()
  await change('logins.txt', 'Scenario: b\nGET /me')
  expect((await removed).diagnostics.map(({ message }) => message)).toEqual([
    expect.stringContaining('logins.txt has a scenario'),
  ])
})
