/**
 * Stands in for VS Code, which cannot be started in a test: as much of its module `vscode` as the client of the language server
 * needs to start the server, to watch files and to show faults. What is not here does nothing.
 */
import { EventEmitter as Events, once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface ShownFault {
  range: { start: { line: number } }
  message: string
}

export interface FakeEditor {
  /** What `require('vscode')` returns. */
  module: object
  /** The file patterns that are watched. */
  readonly watched: string[]
  /** The messages that were shown. */
  readonly messages: string[]
  /** Opens a file with this text, and resolves with the faults that are shown in it. */
  open(file: string, text: string): Promise<ShownFault[]>
  /** Reports the change of a file, and resolves with the next faults that are shown. */
  changed(file: string): Promise<ShownFault[]>
}

class Disposable {
  readonly dispose: () => void
  constructor(dispose: () => void = () => undefined) {
    this.dispose = dispose
  }
}

type Listener = (event: unknown) => void

class EventEmitter {
  readonly #listeners = new Set<Listener>()
  readonly event = (listener: Listener, self?: unknown) => {
    const bound = listener.bind(self)
    this.#listeners.add(bound)
    return new Disposable(() => this.#listeners.delete(bound))
  }
  dispose(): void {
    this.#listeners.clear()
  }
  fire(event: unknown): void {
    for (const listener of this.#listeners) listener(event)
  }
}

class Uri {
  readonly scheme = 'file'
  readonly fsPath: string
  readonly #href: string
  constructor(href: string) {
    this.#href = href
    this.fsPath = fileURLToPath(href)
  }
  static parse = (href: string) => new Uri(href)
  static file = (file: string) => new Uri(pathToFileURL(file).href)
  toString(): string {
    return this.#href
  }
}

class Position {
  readonly line: number
  readonly character: number
  constructor(line: number, character: number) {
    this.line = line
    this.character = character
  }
}

class Range {
  readonly start: Position
  readonly end: Position
  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number) {
    this.start = new Position(startLine, startCharacter)
    this.end = new Position(endLine, endCharacter)
  }
}

class Diagnostic {
  readonly range: Range
  readonly message: string
  constructor(range: Range, message: string) {
    this.range = range
    this.message = message
  }
}

class CancellationTokenSource {
  readonly token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event }
  dispose(): void {
    // Nothing is cancelled.
  }
}

/** @param settings By their names with the section, such as `reprise.command`. */
export function fakeEditor(folder: string, settings: Readonly<Record<string, unknown>>): FakeEditor {
  const emitters = new Map<string, EventEmitter>()
  const emitter = (name: string) => {
    const known = emitters.get(name) ?? new EventEmitter()
    emitters.set(name, known)
    return known
  }
  /** Events that never happen, registrations without an effect, and classes that the client extends. */
  const withDefaults = (known: object): object =>
    new Proxy(known, {
      get: (target, name) => {
        if (Reflect.has(target, name) || typeof name !== 'string') return Reflect.get(target, name)
        if (/^on[A-Z]/.test(name)) return emitter(name).event
        if (/^register/.test(name)) return () => new Disposable()
        return /^[A-Z]/.test(name) ? class {} : undefined
      },
    })

  const shown = new Events()
  const watched: string[] = []
  const messages: string[] = []
  const changes = new EventEmitter()
  const log = withDefaults({ ...Object.fromEntries(logMethods.map(name => [name, () => undefined])) })
  const show = async (message: string) => void messages.push(message)
  const languages = withDefaults({
    match: (selector: { language?: string }[], { languageId }: { languageId: string }) =>
      selector.some(({ language }) => language === languageId) ? 10 : 0,
    createDiagnosticCollection: () => ({
      set: (uri: Uri, faults: ShownFault[]) => shown.emit('faults', uri, faults),
      delete: () => undefined,
      dispose: () => undefined,
    }),
  })
  const workspace = withDefaults({
    workspaceFolders: [{ uri: Uri.file(folder), name: 'project', index: 0 }],
    textDocuments: [],
    notebookDocuments: [],
    getConfiguration: (section?: string) => ({
      get: (name: string) => settings[`${section}.${name}`],
      inspect: () => undefined,
    }),
    createFileSystemWatcher: (pattern: string) => {
      watched.push(pattern)
      shown.emit('watched')
      const never = new EventEmitter().event
      // One of them reports each change.
      const onDidChange = watched.length === 1 ? changes.event : never
      return { onDidCreate: never, onDidChange, onDidDelete: never, dispose: () => undefined }
    },
  })
  const window = withDefaults({
    visibleTextEditors: [],
    tabGroups: { all: [], onDidChangeTabs: new EventEmitter().event },
    createOutputChannel: () => log,
    showErrorMessage: show,
    showWarningMessage: show,
    showInformationMessage: show,
  })
  const module = withDefaults({
    // The bundle would copy the members that the module has, and not ask for others.
    __esModule: true,
    version: '1.106.0',
    ...{ CancellationTokenSource, Diagnostic, Disposable, EventEmitter, Position, Range, Uri },
    ...{ languages, workspace, window, env: { appName: 'test', language: 'en' }, commands: withDefaults({}) },
  })

  const next = async (): Promise<ShownFault[]> => (await once(shown, 'faults'))[1]
  return {
    module,
    watched,
    messages,
    open: (file, text) => {
      const faults = next()
      const [uri, lineCount] = [Uri.file(file), text.split('\n').length]
      const document = { uri, fileName: file, languageId: 'reprise', version: 1, isClosed: false, lineCount }
      emitter('onDidOpenTextDocument').fire({ ...document, getText: () => text })
      return faults
    },
    changed: async file => {
      while (watched.length === 0) await once(shown, 'watched')
      const faults = next()
      changes.fire(Uri.file(file))
      return faults
    },
  }
}

const logMethods = ['trace', 'debug', 'info', 'warn', 'error', 'append', 'appendLine', 'show', 'dispose']
