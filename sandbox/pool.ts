/** A real `pg.Pool` whose clients are sessions of a sandbox; it records the call site of each `connect`. */
import type { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { CallSite } from './call-site.ts'
import type { Sandbox } from './sandbox.ts'
import type { Session } from './session/session.ts'

type Contexts = AsyncLocalStorage<unknown>

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void

/** The maximum number of clients per pool, the default of `pg.Pool`. */
const maximum = 10

export class SandboxPool extends pg.Pool {
  readonly #sessions: Map<object, Session>
  readonly #taken = new Map<pg.PoolClient, CallSite>()

  readonly #contexts: Contexts | undefined

  /** `name` identifies the pool's clients in messages. `contexts`: what is under way, and so causes a query. */
  constructor(sandbox: Sandbox, name: string, contexts?: Contexts) {
    const { username, pathname } = new URL(sandbox.url)
    const sessions = new Map<object, Session>()
    super({
      user: decodeURIComponent(username),
      database: decodeURIComponent(pathname.slice(1)),
      max: maximum,
      // Regardless of PGSSLMODE: the bytes do not leave this process.
      ssl: false,
      idleTimeoutMillis: 0,
      allowExitOnIdle: true,
      stream: () => {
        const { stream, session } = sandbox.connectInMemory(name)
        sessions.set(stream, session)
        return stream
      },
    })
    this.#sessions = sessions
    this.#contexts = contexts
    this.on('release', (_error, client) => this.#forget(client))
    this.on('remove', client => {
      this.#forget(client)
      sessions.delete(client.connection.stream)
    })
    // Without a listener, an error would end the process; the sandbox itself reports terminated sessions. The pool's
    // listener covers only idle clients, and a terminated one is usually checked out.
    this.on('error', () => undefined)
    this.on('connect', client => client.on('error', () => undefined))
    if (contexts) this.on('connect', client => recordCauses(client, sessions.get(client.connection.stream), contexts))
  }

  /** The call sites of clients that were not released yet. */
  get unreleased(): CallSite[] {
    return [...this.#taken.values()]
  }

  /** The pool cannot be told from a new one: not ended, all clients released, and no session has settings. */
  get isLikeNew(): boolean {
    if (this.ending || this.#taken.size > 0) return false
    return [...this.#sessions.values()].every(session => !session.hasSettings)
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const site = new CallSite(import.meta.url)
    if (!callback) return super.connect().then(client => this.#take(client, site))
    const contexts = this.#contexts
    const context = contexts?.getStore()
    super.connect((error, client, done) => {
      if (client) this.#take(client, site)
      // The pool may call back while it is released by another request.
      if (!contexts || contexts.getStore() === context) callback(error, client, done)
      else contexts.run(context, () => callback(error, client, done))
    })
    return undefined
  }

  #take(client: pg.PoolClient, site: CallSite): pg.PoolClient {
    this.#taken.set(client, site)
    const session = this.#sessions.get(client.connection.stream)
    if (session) session.takenBy = site
    // A request that was never sent, because the client has refused it, must not count for a later one.
    if (session?.causes && !session.isBusy) session.causes = []
    return client
  }

  #forget(client: pg.PoolClient): void {
    this.#taken.delete(client)
  }
}

/** Records the context of each call of `query`: the client sends a queued one in the context of another. */
function recordCauses(client: pg.PoolClient, session: Session | undefined, contexts: Contexts): void {
  if (!session) return
  session.causes = []
  const query = client.query
  Object.assign(client, {
    query: (...given: unknown[]) => {
      session.causes?.push(contexts.getStore())
      return Reflect.apply(query, client, given)
    },
  })
}
