/** Serves editors by the Language Server Protocol: completion, faults, definitions and documentation of sentences. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  CompletionItemKind,
  createConnection,
  DiagnosticSeverity,
  DidChangeWatchedFilesNotification,
  InsertTextFormat,
  MarkupKind,
  MessageType,
  ProposedFeatures,
  ShowMessageNotification,
  StreamMessageReader,
  StreamMessageWriter,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { filesIncludedBy } from '../compile/include-lines.ts'
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { Vocabulary } from '../compile/vocabulary.ts'
import { completionsAt, definitionAt, diagnosticsOf, hoverAt, positionOfExpression } from './analysis.ts'

export interface ServedProject {
  /** Of the project and built in. */
  sentences: readonly SentenceDefinition[]
  /** The modules of the project's own sentences, as absolute paths. */
  modules: readonly string[]
}

export interface ServerOptions {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  /** Loads the sentences of the project; called again when a module has changed. Rejects with why it cannot. */
  load(): Promise<ServedProject>
  /** Shown when `load` rejects: the built-in sentences. */
  fallback: readonly SentenceDefinition[]
}

/** The files that faults depend on, besides those that are open: included ones, modules of sentences, and Playwright's config. */
const watched = ['**/*.txt', '**/*.{ts,mts,cts,js,mjs,cjs}']

const kinds = {
  sentence: CompletionItemKind.Snippet,
  variable: CompletionItemKind.Variable,
  keyword: CompletionItemKind.Keyword,
}

/** Resolves when the editor has ended the session. */
export async function serveLanguage({ input, output, load, fallback }: ServerOptions): Promise<void> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(input),
    new StreamMessageWriter(output),
  )
  const documents = new TextDocuments(TextDocument)
  let project: Promise<{ vocabulary: Vocabulary; modules: readonly string[] }> | undefined

  const warn = (error: unknown) => {
    const message = `Reprise: ${error instanceof Error ? error.message : String(error)}`
    const sent = connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message })
    // The editor has gone.
    sent.catch(() => undefined)
  }

  const loadProject = async () => {
    try {
      const { sentences, modules } = await load()
      return { vocabulary: new Vocabulary(sentences), modules }
    } catch (error) {
      warn(error)
      return { vocabulary: new Vocabulary(fallback), modules: [] }
    }
  }

  const loaded = () => {
    project ??= loadProject()
    return project
  }

  const check = async (document: TextDocument): Promise<void> => {
    try {
      const current = loaded()
      const { vocabulary } = await current
      // The sentences were loaded again, or the document was closed, meanwhile.
      if (current !== project) return check(document)
      if (documents.get(document.uri) !== document) return
      const found = diagnosticsOf(document.getText(), fileOf(document.uri), vocabulary)
      const diagnostics = found.map(fault => ({ ...fault, severity: DiagnosticSeverity.Error, source: 'reprise' }))
      await connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics })
    } catch (error) {
      warn(error)
    }
  }

  /** Checks the open files that include one of these. */
  const checkIncluding = async (changed: readonly string[]) => {
    const including = documents.all().filter(document => {
      const file = fileOf(document.uri)
      return file !== undefined && filesIncludedBy(file, document.getText()).some(one => changed.includes(one))
    })
    await Promise.all(including.map(check))
  }

  let canWatch = false
  connection.onInitialize(({ capabilities }) => {
    canWatch = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        completionProvider: { triggerCharacters: [' ', '{', '"', ':'] },
        hoverProvider: true,
        definitionProvider: true,
      },
      serverInfo: { name: 'reprise' },
    }
  })
  connection.onInitialized(async () => {
    if (!canWatch) return
    const watchers = watched.map(globPattern => ({ globPattern }))
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(warn)
  })

  documents.onDidOpen(({ document: { uri } }) => {
    if (uri.startsWith('file:') && fileOf(uri) === undefined) {
      warn(new Error(`${uri} is no path on this system, so that the file cannot include others.`))
    }
  })
  documents.onDidChangeContent(({ document }) => void check(document))
  documents.onDidClose(({ document }) => {
    connection.sendDiagnostics({ uri: document.uri, diagnostics: [] }).catch(warn)
  })
  // Of editors that watch no files.
  documents.onDidSave(({ document }) => {
    const file = fileOf(document.uri)
    if (file !== undefined) void checkIncluding([file])
  })
  connection.onDidChangeWatchedFiles(async ({ changes }) => {
    const files = changes.map(({ uri }) => fileOf(uri)).filter(file => file !== undefined)
    if (files.length === changes.length && files.every(file => file.endsWith('.txt'))) return checkIncluding(files)
    project = undefined
    await Promise.all(documents.all().map(check))
  })

  connection.onCompletion(async ({ textDocument, position }) => {
    const text = documents.get(textDocument.uri)?.getText() ?? ''
    return completionsAt(text, position, (await loaded()).vocabulary, fileOf(textDocument.uri)).map((one, index) => ({
      label: one.label,
      // In the order of the vocabulary, and of the scenario's own variables first; editors would sort them by name.
      sortText: String(index).padStart(5, '0'),
      kind: kinds[one.kind],
      detail: one.detail,
      ...(one.documentation !== '' && { documentation: { kind: MarkupKind.Markdown, value: one.documentation } }),
      insertTextFormat: InsertTextFormat.Snippet,
      textEdit: { range: one.range, newText: one.snippet },
    }))
  })

  connection.onHover(async ({ textDocument, position }) => {
    const text = documents.get(textDocument.uri)?.getText() ?? ''
    const value = hoverAt(text, position, (await loaded()).vocabulary)
    return value === undefined ? null : { contents: { kind: MarkupKind.Markdown, value } }
  })

  connection.onDefinition(async ({ textDocument, position }) => {
    const { vocabulary, modules } = await loaded()
    const definition = definitionAt(documents.get(textDocument.uri)?.getText() ?? '', position, vocabulary)
    if (!definition) return null
    for (const module of modules) {
      const start = positionOfExpression(await readFile(module, 'utf8'), definition.expression)
      if (!start) continue
      const end = { ...start, character: start.character + definition.expression.length }
      return { uri: pathToFileURL(module).href, range: { start, end } }
    }
    // A built-in sentence: its documentation is shown instead.
    return null
  })

  const ended = new Promise<void>(resolve => connection.onExit(resolve))
  documents.listen(connection)
  connection.listen()
  await ended
}

/** Undefined for documents that are not saved yet, which have another scheme, and for URIs that are no paths here. */
function fileOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined
  try {
    return fileURLToPath(uri)
  } catch {
    return undefined
  }
}
