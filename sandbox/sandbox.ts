/** A Postgres endpoint in front of one transaction: every client is a session of it, and closing it rolls back. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import type { Endpoint, Mode } from './endpoint.ts'
import { MemorySocket } from './memory-socket.ts'
import { Session } from './session.ts'
import { SessionError, useOwnDatabase } from './session-error.ts'
import { SharedTransaction } from './shared-transaction.ts'
import { createScriptCache } from './sql/script.ts'
import { Turns } from './turns.ts'
import { Upstream } from './upstream.ts'

/** How long a client waits behind another that holds the transaction and does nothing, in milliseconds. */
const patience = 2000

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

export class Sandbox {
  /** Where other processes reach the sandbox: `postgres://...` on loopback, with a password. */
  readonly url: string
  readonly #databaseUrl: string
  readonly #sessions = new Set<Session>()
  readonly #password: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #endpoint: Endpoint & { mode: Mode; url: string }
  #contentions: string[] = []
  #broken: Error | undefined
  #usedDatabase = false
  #onRest: (() => void) | undefined
  #nextId = 1

  private constructor(databaseUrl: string, transaction: SharedTransaction, server: Server, password: string) {
    this.#databaseUrl = databaseUrl
    this.#server = server
    this.#password = password
    this.url = urlOf(databaseUrl, server, password)
    this.#endpoint = {
      mode: 'closed',
      url: databaseUrl,
      transaction,
      serverParameters: transaction.upstream.parameters,
      scripts: createScriptCache(),
      turns: new Turns<Session>(patience, (waiter, holder) => this.#refuse(waiter, holder)),
      connectDirect: () => {
        this.#usedDatabase = true
        return Upstream.connect(this.#endpoint.url)
      },
      closedError: () => closedError(),
      escaped: session => this.#escaped(session),
      lost: reason => this.#lost(reason),
      left: session => {
        this.#sessions.delete(session)
        this.#onRest?.()
      },
      rested: () => this.#onRest?.(),
    }
    server.on('connection', socket => this.#accept(socket))
    this.#watch(transaction)
  }

  /** Connects to a database. The sandbox is closed at first. Throws if the database cannot be reached. */
  static async connect(databaseUrl: string): Promise<Sandbox> {
    const server = createServer({ noDelay: true })
    const [transaction] = await Promise.all([SharedTransaction.connect(databaseUrl), listen(server)])
    return new Sandbox(databaseUrl, transaction, server, randomBytes(12).toString('hex'))
  }

  /** A `stream` for a `pg.Client` in this process, and the session at its other end, which messages call `name`. */
  connectInMemory(name: string): { stream: MemorySocket; session: Session } {
    let session: Session | undefined
    const stream = new MemorySocket(socket => {
      session = this.#newSession({ send: bytes => socket.push(bytes), end: () => socket.destroy() }, undefined)
      return session
    })
    if (!session) throw new Error('A memory socket has no session.')
    session.name = name
    return { stream, session }
  }

  /** Opens the sandbox for a test: whatever its sessions do is undone by `close`. */
  open(): void {
    this.#open('transaction', this.#databaseUrl)
  }

  /** Opens the endpoint as a plain way to `url`: each session gets a connection of its own, and commits are real. */
  openDirect(url: string = this.#databaseUrl): void {
    this.#open('direct', url)
  }

  /** Waits until no statement runs and none waits for its turn, at most `ms` milliseconds. */
  async quiet(ms: number): Promise<void> {
    const isBusy = () => [...this.#sessions].some(session => session.isBusy)
    if (!isBusy()) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      timer = setTimeout(resolve, ms)
      this.#onRest = () => {
        if (!isBusy()) resolve()
      }
    })
    clearTimeout(timer)
    this.#onRest = undefined
  }

  /** Gives up the sandbox's own connection while `work` runs, so that the database can be copied. Only while closed. */
  async whileDisconnected<T>(work: () => Promise<T>): Promise<T> {
    await this.#endpoint.transaction.upstream.end()
    try {
      return await work()
    } finally {
      this.#endpoint.transaction = await this.#connect()
    }
  }

  /** Ends the test: sessions that are still active are terminated, everything is rolled back. */
  async close(): Promise<Report> {
    const wasDirect = this.#endpoint.mode === 'direct'
    this.#endpoint.mode = 'closed'
    const active = [...this.#sessions].filter(session => session.isActive && !session.hasEnded)
    const ending = [...this.#sessions].filter(session => session.hasEnded)
    await Promise.all([...active, ...ending].map(session => session.terminate(endedError(session))))
    if (wasDirect) await Promise.all([...this.#sessions].map(session => session.closeDirect()))
    try {
      if (!this.#broken) await this.#endpoint.transaction.rollBack()
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
    this.#endpoint.mode = 'closed'
    const reason = new SessionError('57P01', 'The sandbox has ended.')
    await Promise.all([...this.#sessions].map(session => session.terminate(reason)))
    this.#endpoint.transaction.upstream.close()
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async #connect(): Promise<SharedTransaction> {
    const transaction = await SharedTransaction.connect(this.#databaseUrl)
    this.#watch(transaction)
    return transaction
  }

  #watch(transaction: SharedTransaction): void {
    transaction.upstream.onLost = reason => {
      const error = this.#lost(reason)
      for (const session of this.#sessions) if (session.isActive) void session.terminate(error)
    }
  }

  #open(mode: Mode, url: string): void {
    if (this.#broken) throw new Error('The sandbox is broken; its database must be replaced.', { cause: this.#broken })
    if (this.#endpoint.mode !== 'closed') throw new Error('The sandbox is open already.')
    this.#endpoint.mode = mode
    this.#endpoint.url = url
  }

  #newSession(port: ConstructorParameters<typeof Session>[2], password: string | undefined): Session {
    const session = new Session(this.#nextId++, this.#endpoint, port, password)
    this.#sessions.add(session)
    return session
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    const session = this.#newSession({ send: bytes => socket.write(bytes), end: () => socket.end() }, this.#password)
    socket.on('data', (chunk: Buffer) => session.receive(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      session.disconnected()
    })
  }

  // 55P03, since applications retry 40P01 and 40001, and would wait for the same holder again.
  #refuse(waiter: Session, holder: Session): SessionError {
    const message = `The sandbox is one transaction, and another client holds it: this statement waited ${patience / 1000} s while that client did nothing.
  waiting: ${waiter.describe()}
  holding: ${holder.describe()}
Release the holding client first (COMMIT, ROLLBACK, release()), or give the test a database of its own: test.use({ isolation: 'database' }).`
    this.#contentions.push(message)
    return new SessionError('55P03', message)
  }

  #escaped(session: Session): SessionError {
    this.#broken ??= new Error(
      `The shared transaction was ended by a statement, at the latest by this one: ${session.describe()}`,
    )
    this.#endpoint.mode = 'closed'
    return new SessionError('57P01', this.#broken.message, { severity: 'FATAL', hint: useOwnDatabase })
  }

  #lost(reason: Error): SessionError {
    const message = `The sandbox lost its connection to the database: ${reason.message}`
    if (this.#endpoint.transaction.upstream.lost) this.#broken ??= new Error(message, { cause: reason })
    return new SessionError('57P01', message, { severity: 'FATAL' })
  }
}

// It names the session, since a client that nobody listens to brings its process down with this message.
function endedError(session: Session): SessionError {
  const message = `The test has ended while this session was active; it was terminated: ${session.describe()}`
  return new SessionError('57P01', message, { hint: 'Commit, roll back or disconnect before the test ends.' })
}

function closedError(): SessionError {
  return new SessionError('57P03', 'The sandbox is closed: no test is running that this statement could belong to.', {
    hint: 'Work that an application does on its own, such as a timer, has to end before the test does.',
  })
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject)
      server.unref()
      resolve()
    })
  })
}

function urlOf(databaseUrl: string, server: Server, password: string): string {
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('The sandbox does not listen on a TCP port.')
  const { username, pathname } = new URL(databaseUrl)
  return `postgres://${username || 'postgres'}:${password}@127.0.0.1:${address.port}${pathname}`
}
