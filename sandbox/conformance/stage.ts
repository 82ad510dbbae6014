/** Runs scenarios against a bare server, or a sandbox in front of one. Each scenario starts with the same database. */
import pg from 'pg'
import type { DatabaseServer } from '../../postgres/server.ts'
import { type Clone, createClone } from '../../postgres/templates/clone.ts'
import { type Report, Sandbox } from '../sandbox.ts'
import { WireClient } from '../testing/wire-client.ts'
import { inFull, type Step } from './scenario.ts'

/** Drops what the previous scenario has left on a bare server, in whichever schema. */
const beginAgain = `
  do $$
    declare name text;
    begin
      for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
        execute format('drop schema %I cascade', name);
      end loop;
    end
  $$;
  create schema public;
  grant usage on schema public to public;
  create table t (id int primary key, v text)`

/**
 * A sandbox leaves no rows behind, but dead tuples, which would separate the rows of the next scenario in the table's
 * pages.
 */
const emptyPages = 'truncate t'

export type Mode = 'transaction' | 'direct'

/** The abbreviated messages of each step, and the responses. */
export type Transcript = { sent: string; lines: string[] }[]

/** A database and the clients of one scenario. */
export class Stage {
  readonly #database: Clone
  readonly #admin: pg.Client
  readonly #sandbox: Sandbox | undefined
  #isClean = false

  private constructor(database: Clone, admin: pg.Client, sandbox: Sandbox | undefined) {
    this.#database = database
    this.#admin = admin
    this.#sandbox = sandbox
  }

  static async create(server: DatabaseServer, options: { sandboxed: boolean }): Promise<Stage> {
    const database = await createClone(server)
    const admin = new pg.Client(database.url)
    await admin.connect()
    return new Stage(database, admin, options.sandboxed ? await Sandbox.connect(database.url) : undefined)
  }

  /** Runs the steps, starting with an empty table. `mode`: the mode of the sandbox, if there is one. */
  async play(steps: readonly Step[], mode: Mode = 'transaction'): Promise<Transcript> {
    await this.#admin.query(this.#isClean ? emptyPages : beginAgain)
    if (mode === 'transaction') this.#sandbox?.open()
    else await this.#sandbox?.openDirect()
    this.#isClean = this.#sandbox !== undefined && mode === 'transaction'
    const cast = new Cast(this.#sandbox?.url ?? this.#database.url)
    const transcript: Transcript = []
    let report: Report | undefined
    try {
      for (const step of steps) transcript.push({ sent: inBrief(step), lines: await cast.play(step) })
    } finally {
      cast.close()
      report = await this.#sandbox?.close()
    }
    if (report?.broken) throw report.broken
    return transcript
  }

  async dispose(): Promise<void> {
    await this.#sandbox?.dispose()
    await this.#admin.end()
    await this.#database.drop()
  }
}

function inBrief(part: Step): string {
  if (typeof part === 'string') return part
  const step = inFull(part)
  if ('answerTo' in step) return `${step.answerTo} gets its response`
  if ('leaves' in step) return `${step.leaves} leaves`
  const text = Buffer.concat(step.messages).toString('latin1')
  return `${step.client}: ${text.replace(/[^ -~]+/g, ' ').slice(0, 200)}`
}

/** The clients of a scenario by name; each connects before its first message. */
class Cast {
  readonly #url: string
  readonly #clients = new Map<string, WireClient>()
  readonly #started = new Map<string, Promise<string[]>>()

  constructor(url: string) {
    this.#url = url
  }

  async play(part: Step): Promise<string[]> {
    const step = inFull(part)
    if ('answerTo' in step) return (await this.#started.get(step.answerTo)) ?? []
    const client = await this.#client('leaves' in step ? step.leaves : step.client)
    if ('leaves' in step) {
      client.close()
      this.#clients.delete(step.leaves)
      return []
    }
    const answer = client.send(step.messages, step.due)
    if (step.waits) return await answer
    this.#started.set(step.client, answer)
    return []
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
  }

  async #client(name: string): Promise<WireClient> {
    const client = this.#clients.get(name) ?? (await WireClient.connect(this.#url))
    this.#clients.set(name, client)
    return client
  }
}
