/** What a scenario is: steps of one or several clients, each of which waits for its answer. */
import { query } from '../protocol/frontend-messages.ts'

/** A client's name; `a` unless a step says otherwise. */
type Client = string

/** A text for a simple Query, or messages that go out in one write. */
type Sent = string | readonly Buffer[]

/** What one client sends; `due`: how many ReadyForQuery answer it, if not one for each Query, FunctionCall and Sync. */
type Exchange = { client: Client; messages: readonly Buffer[]; due: number | undefined; waits: boolean }

/** Waits for the answer to what a client `starts`. */
type Answer = { answerTo: Client }

/** The client leaves. */
type Leaving = { leaves: Client }

export type Step = Sent | Exchange | Answer | Leaving
/** By name: what clients send one after the other. The table `t (id int primary key, v text)` is there, and empty. */
export type Scenarios = Readonly<Record<string, readonly Step[]>>

/** Messages of which only so many are answered by ReadyForQuery. */
export const due = (count: number, messages: readonly Buffer[]): Exchange => ({
  client: 'a',
  messages,
  due: count,
  waits: true,
})

/** What another client than `a` sends. */
export const by = (client: Client, sent: Sent): Exchange => ({
  client,
  messages: messagesOf(sent),
  due: undefined,
  waits: true,
})

/** What a client sends that is answered later, at `answered(client)`. */
export const starts = (client: Client, sent: Sent): Exchange => ({ ...by(client, sent), waits: false })
export const answered = (client: Client): Answer => ({ answerTo: client })

/** The client closes its connection. */
export const leaves = (client: Client): Leaving => ({ leaves: client })

const messagesOf = (sent: Sent): readonly Buffer[] => (typeof sent === 'string' ? [query(sent)] : sent)

/** The step in full. */
export const inFull = (step: Step): Exchange | Answer | Leaving =>
  typeof step === 'string' || isMessages(step) ? by('a', step) : step

const isMessages = (step: Step): step is readonly Buffer[] => Array.isArray(step)
