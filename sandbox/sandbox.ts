/** A Postgres endpoint in front of one transaction: every client is a session of it, and closing it rolls back. */
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { slowdown } from '../processes/slowdown.ts'
import { closedError, contentionError, endedError, escapedError, lostError } from './execution/sandbox-errors.ts'
import type { Mode, SessionContext } from './execution/session-context.ts'
import type { SessionHandle } from './execution/session-handle.ts'
import type { BegunStatement, StatementObserver } from './execution/statement-observer.ts'
import { query } from './protocol/frontend-messages.ts'
import { SessionError } from './protocol/pg-error.ts'
import { type ProtocolTrace, protocolTrace } from './protocol-trace.ts'
import type { Sequences } from './server/sequences.ts'
import { ServerConnection } from './server/server-connection.ts'
import { SyntaxCheck } from './server/syntax-check.ts'
import { UtilityConnection } from './server/utility-connection.ts'
import { Session } from './session/session.ts'
import { SessionRegistry } from './session/session-registry.ts'
import type { Run } from './sql/run-sql.ts'
import { createScriptCache } from './sql/script.ts'
import { Admission } from './startup/admission.ts'
import { ConnectionLock } from './transaction/connection-lock.ts'
import { GuardWatch } from './transaction/guard-watch.ts'
import { guardTexts, SharedTransaction } from './transaction/shared-transaction.ts'
import type { ClientPort } from './transport/client-output.ts'
import { type ClientInputs, serveSocket } from './transport/client-socket.ts'
import { Listener, type Login, loopback, type Places } from './transport/listener.ts'
import { MemorySocket } from './transport/memory-socket.ts'

/**
 * How long a client waits behind another that holds the transaction and does nothing, in milliseconds on a machine that is
 * not busy.
 */
const usualPatience = 2000

/** How long `readInTransaction` waits for a statement that runs, in milliseconds on a machine that is not busy. */
const lull = 500

/** What went wrong while the sandbox was open, each in words for the person who wrote the test. */
export type Report = {
  /** Sessions that were still active at the end and were terminated. */
  active: string[]
  /** Clients that gave up waiting for one another. */
  contentions: string[]
  /** Why the shared transaction is no more; the database must be replaced. */
  broken: Error | undefined
  /** Some session had a connection of its own. */
  usedDatabase: boolean
}

/** Gets the text of each statement, as its client has sent it; a text of several counts once. */
export type StatementWatch = (sql: string) => void

/** Where the caller of `readInTransaction` runs its queries. Each function rejects with the server's error. */
export type TransactionReader = {
  /** Runs a text in the transaction. */
  inside: Run
  /** Runs a text on a connection that sees what is committed: what the database was before the test. */
  outside: Run
  /** The session whose failed transaction was undone, in words. */
  undone: string | undefined
}

/** The end of a session that has no client. */
const unconnected: ClientPort = {
  send: () => true,
  pause: () => undefined,
  resume: () => undefined,
  end: () => undefined,
}

export class Sandbox {
  readonly #databaseUrl: string
  readonly #sessions = new SessionRegistry()
  readonly #login: Login
  readonly #listener: Listener
  readonly #context: SessionContext & { mode: Mode; url: string }
  /** Called with the reason when the shared transaction is lost. */
  onBroken: ((reason: Error) => void) | undefined
  #contentions: string[] = []
  #broken: Error | undefined
  #usedDatabase = false
  #observer: StatementObserver | undefined
  #watches: readonly StatementWatch[] = []
  readonly #utility: UtilityConnection
  readonly #trace: ProtocolTrace | undefined

  private constructor(
    databaseUrl: string,
    transaction: SharedTransaction,
    { places, trace, patience }: { places: Places; trace: ProtocolTrace | undefined; patience: number },
  ) {
    this.#databaseUrl = databaseUrl
    this.#trace = trace
    const connect = (url: string) => ServerConnection.connect(url, undefined, trace?.server)
    this.#utility = new UtilityConnection(() => connect(databaseUrl))
    this.#login = { ...loginOf(databaseUrl), password: randomBytes(12).toString('hex') }
    this.#listener = new Listener(places, socket => this.#accept(socket))
    this.#context = {
      mode: 'closed',
      url: databaseUrl,
      transaction,
      admission: new Admission(databaseUrl, { ...this.#login, serverParameters: transaction.upstream.parameters }),
      scripts: createScriptCache(),
      syntax: new SyntaxCheck(this.#utility),
      lock: new ConnectionLock<SessionHandle>(
        patience,
        (waiter, holder, waited) => this.#refuse(contentionError(waiter, holder, waited)),
        slowdown,
      ),
      listeners: new Set<SessionHandle>(),
      deliver: (from, notifications) => {
        for (const listener of this.#context.listeners) listener.notify(from.id, notifications)
      },
      connectDirect: () => {
        this.#usedDatabase = true
        return connect(this.#context.url)
      },
      cancel: key => this.#sessions.cancel(key),
      observer: undefined,
      connectAdvisoryLock: () => connect(databaseUrl),
      closedError: () => closedError(),
      escaped: session => this.#escaped(session),
      lost: reason => this.#lost(reason),
      left: ({ id }) => {
        this.#sessions.left(id)
        this.#context.onIdle?.()
      },
      onIdle: undefined,
    }
    this.#watch(transaction)
  }

  /**
   * Connects to a database and listens for clients, by default on a free port of loopback. The sandbox is closed at first.
   * `patience`: how long a client waits behind an idle one, in milliseconds on a machine that is not busy.
   * `trace`: prints what passes, by default if REPRISE_TRACE asks for it. Throws if that asks for anything else, the database
   * cannot be reached or a place cannot be listened on.
   */
  static async connect(
    databaseUrl: string,
    places: Places = { tcp: loopback },
    trace: ProtocolTrace | undefined = protocolTrace(),
    patience = usualPatience,
  ): Promise<Sandbox> {
    const transaction = await SharedTransaction.connect(databaseUrl, trace?.server)
    const sandbox = new Sandbox(databaseUrl, transaction, { places, trace, patience })
    try {
      await sandbox.#listener.open()
      return sandbox
    } catch (error) {
      await sandbox.dispose()
      throw error
    }
  }

  /** The shared transaction is lost; the sandbox cannot be opened again. */
  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /** Whether `close` would report something that a test must not leave. */
  get hasUnfinishedWork(): boolean {
    return this.isBroken || this.#contentions.length > 0 || this.#sessions.hasActive
  }

  /** Where other processes reach the sandbox: `postgres://...` with a password, on TCP unless it listens on a socket only. */
  get url(): string {
    return this.#listener.tcpUrl(this.#login) ?? this.socketUrl ?? ''
  }

  /** The same by its unix socket, if it has one. */
  get socketUrl(): string | undefined {
    return this.#listener.socketUrl(this.#login)
  }

  /** A `stream` for a `pg.Client` in this process, and the session at its other end, which messages call `name`. */
  connectInMemory(name: string): { stream: MemorySocket; session: Session } {
    let session: Session | undefined
    const stream = new MemorySocket(port => {
      const client = this.#newSession(port, undefined)
      session = client.session
      return client.inputs
    })
    if (!session) throw new Error('A memory socket has no session.')
    session.name = name
    return { stream, session }
  }

  /** Calls the observer from now on, in place of the one before. */
  observe(observer: StatementObserver | undefined): void {
    this.#observer = observer
    this.#context.observer = withWatches(this.#watches, observer)
  }

  /** Calls `watch` with each Query and Execute, besides the observer, until the returned function is called. */
  watchStatements(watch: StatementWatch): () => void {
    this.#watches = [...this.#watches, watch]
    this.observe(this.#observer)
    return () => {
      this.#watches = this.#watches.filter(other => other !== watch)
      this.observe(this.#observer)
    }
  }

  /** Opens the sandbox for a test: whatever its sessions do is undone by `close`. */
  open(): void {
    this.#open('transaction', this.#databaseUrl)
  }

  /**
   * Opens the endpoint as a plain way to `url`: each session gets a connection of its own, and commits are real. Open at
   * once, unless a session listens for notifications: it is connected first. Rejects if it cannot be.
   */
  openDirect(url: string = this.#databaseUrl): Promise<void> {
    this.#refuseToOpen()
    this.#context.url = url
    const open = () => this.#open('direct', url)
    const listening = this.#sessions.listenDirectly()
    if (listening) return listening.then(open)
    open()
    return Promise.resolve()
  }

  /** Waits until no statement runs and none waits for its turn, at most `ms` milliseconds. */
  quiet(ms: number): Promise<void> {
    return this.#sessions.quiet(ms, this.#context)
  }

  /**
   * Runs queries of the caller in the open transaction, as the sandbox's own role, and beside it on a second connection. In
   * the transaction they see all that its sessions have done, also in a transaction that is still open; what they set is
   * undone, and the sessions go on. Of a session whose transaction has failed, the work is undone first. Rejects while no
   * test is open, in a test with connections to a database of its own, if a statement does not end, and with what `read` throws.
   * @param ms How long it may wait for a statement that runs, in milliseconds, if that is less than its own limit.
   */
  async readInTransaction<T>(
    read: (reader: TransactionReader) => Promise<T>,
    ms = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    await this.#sessions.ended()
    await this.quiet(Math.min(ms, lull * slowdown()))
    const { mode, lock } = this.#context
    if (this.#broken) throw this.#broken
    if (mode === 'closed') throw closedError()
    if (mode === 'direct')
      throw new Error(
        "The sessions commit on connections of their own (isolation: 'database' or 'seed'): there is no transaction to read in.",
      )
    let holder = lock.holder && this.#sessions.get(lock.holder.id)
    const undone = holder?.undoFailed() ? holder.describe() : undefined
    if (undone !== undefined) holder = undefined
    const session = holder ?? this.#newSession(unconnected, undefined).session
    try {
      return await session.ask(async inside => {
        await inside('SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE')
        return await read({ inside, outside: this.#outside, undone })
      })
    } finally {
      if (session !== holder) await session.end()
    }
  }

  /** Sets the sequences of the database back. Only while closed. Throws an error that says what to do when it may not. */
  restore(sequences: Sequences): Promise<void> {
    return sequences.restore(this.#context.transaction.upstream)
  }

  /** Gives up the sandbox's own connection while `work` runs, so that the database can be copied. Only while closed. */
  async whileDisconnected<T>(work: () => Promise<T>): Promise<T> {
    return this.#context.admission.alone(async () => {
      await Promise.all([this.#context.transaction.upstream.end(), this.#utility.close()])
      try {
        return await work()
      } finally {
        this.#context.transaction = await this.#connect()
      }
    })
  }

  /**
   * Ends the test: sessions that are still active are terminated, everything is rolled back. With `keepsTransaction`, it goes
   * on when the sandbox is opened again, and is rolled back by the next `close` without it.
   */
  async close({ keepsTransaction = false } = {}): Promise<Report> {
    this.#context.mode = 'closed'
    const active = await this.#sessions.endActive(endedError)
    const closing = this.#sessions.closeDedicated()
    if (closing) await closing
    try {
      if (!this.#broken && !keepsTransaction) await this.#context.transaction.rollBack()
    } catch (error) {
      // A lost connection has been put into words already.
      this.#broken ??= error instanceof Error ? error : new Error(String(error))
    }
    const report = {
      active: active.map(session => session.describe()),
      contentions: this.#contentions,
      broken: this.#broken,
      usedDatabase: this.#usedDatabase,
    }
    this.#contentions = []
    this.#usedDatabase = false
    return report
  }

  /** Disconnects from the database and from every client. The sandbox cannot be opened again. */
  async dispose(): Promise<void> {
    this.#context.mode = 'closed'
    await this.#sessions.end(disposedError())
    await this.#disconnect()
    await this.#context.admission.alone(() => this.#listener.close())
  }

  /**
   * Like `dispose`, but an idle client keeps its socket until it sends something, so that a pool in this process reports no
   * error when the process is about to end. Returns how many clients were left.
   */
  async disposeGently(): Promise<number> {
    this.#context.mode = 'closed'
    const left = await this.#sessions.endLater(disposedError())
    await this.#disconnect()
    await this.#context.admission.alone(() => this.#listener.stopListening())
    return left
  }

  readonly #outside: Run = async sql => {
    const { rows, error } = await this.#utility.ask(query(sql))
    if (error) throw SessionError.from(error)
    return rows
  }

  async #disconnect(): Promise<void> {
    this.#context.transaction.upstream.close()
    await this.#utility.close()
  }

  async #connect(): Promise<SharedTransaction> {
    const transaction = await SharedTransaction.connect(this.#databaseUrl, this.#trace?.server)
    this.#watch(transaction)
    return transaction
  }

  #watch(transaction: SharedTransaction): void {
    const watch = new GuardWatch(this.#utility, guardTexts)
    transaction.upstream.cancels.isTouchable = processId => watch.isPast(processId)
    transaction.upstream.onLost = reason => {
      const error = this.#lost(reason)
      void this.#sessions.endActive(() => error)
    }
  }

  #open(mode: Mode, url: string): void {
    this.#refuseToOpen()
    this.#context.mode = mode
    this.#context.url = url
  }

  #refuseToOpen(): void {
    if (this.#broken) throw new Error('The sandbox is broken; its database must be replaced.', { cause: this.#broken })
    if (this.#context.mode !== 'closed') throw new Error('The sandbox is open already.')
  }

  /** `inputs` takes what the client sends. */
  #newSession(port: ClientPort, password: string | undefined): { session: Session; inputs: ClientInputs } {
    const traced = this.#trace?.client(port)
    const session = this.#sessions.add(id => new Session(id, this.#context, traced?.port ?? port, password))
    return { session, inputs: traced?.inputs(session) ?? session }
  }

  #accept(socket: Socket): void {
    serveSocket(socket, port => this.#newSession(port, this.#login.password).inputs)
  }

  #refuse(error: SessionError): SessionError {
    this.#contentions.push(error.message)
    return error
  }

  #escaped(session: SessionHandle): SessionError {
    const reason = this.#break(
      new Error(`The shared transaction was ended by a statement, at the latest by this one: ${session.describe()}`),
    )
    this.#context.mode = 'closed'
    return escapedError(reason)
  }

  /** The first reason counts. */
  #break(reason: Error): Error {
    if (!this.#broken) {
      this.#broken = reason
      this.onBroken?.(reason)
    }
    return this.#broken
  }

  #lost(reason: Error): SessionError {
    const error = lostError(reason)
    if (this.#context.transaction.upstream.lost) this.#break(new Error(error.message, { cause: reason }))
    return error
  }
}

function withWatches(watches: readonly StatementWatch[], observer: StatementObserver | undefined) {
  if (watches.length === 0) return observer
  return {
    began: (session: SessionHandle, statement: BegunStatement) => {
      for (const watch of watches) watch(statement.sql)
      observer?.began(session, statement)
    },
    ...(observer?.completed && { completed: observer.completed.bind(observer) }),
    ...(observer?.failed && { failed: observer.failed.bind(observer) }),
    ...(observer?.ready && { ready: observer.ready.bind(observer) }),
  }
}

const disposedError = () => new SessionError('57P01', 'The sandbox has ended.')

function loginOf(databaseUrl: string): { user: string; database: string } {
  const { username, pathname } = new URL(databaseUrl)
  return { user: decodeURIComponent(username) || 'postgres', database: decodeURIComponent(pathname.slice(1)) }
}
