/** A scenario: steps of one or several clients, each of which waits for its response. */
import { query } from '../protocol/frontend-messages.ts'

/** A client's name; `a` by default. */
type Client = string

/** The text of a simple Query, or messages that are sent in one write. */
type Sent = string | readonly Buffer[]

/**
 * The messages of a client; `due`: the number of ReadyForQuery responses, by default one for each Query, FunctionCall
 * and Sync.
 */
type Exchange = { client: Client; messages: readonly Buffer[]; due: number | undefined; waits: boolean }

/** Waits for the response to what a client `starts`. */
type Answer = { answerTo: Client }

/** The client disconnects. */
type Leaving = { leaves: Client }

export type Step = Sent | Exchange | Answer | Leaving
/** Steps by the name of the scenario. The table `t (id int primary key, v text)` exists and is empty. */
export type Scenarios = Readonly<Record<string, readonly Step[]>>

/** Messages with this number of ReadyForQuery responses. */
export const due = (count: number, messages: readonly Buffer[]): Exchange => ({
  client: 'a',
  messages,
  due: count,
  waits: true,
})

/** Messages of a client other than `a`. */
export const by = (client: Client, sent: Sent): Exchange => ({
  client,
  messages: messagesOf(sent),
  due: undefined,
  waits: true,
})

/** Messages whose response is awaited later, by `answered(client)`. */
export const starts = (client: Client, sent: Sent): Exchange => ({ ...by(client, sent), waits: false })
export const answered = (client: Client): Answer => ({ answerTo: client })

/** The client closes its connection. */
export const leaves = (client: Client): Leaving => ({ leaves: client })

const messagesOf = (sent: Sent): readonly Buffer[] => (typeof sent === 'string' ? [query(sent)] : sent)

/** The step with its defaults filled in. */
export const inFull = (step: Step): Exchange | Answer | Leaving =>
  typeof step === 'string' || isMessages(step) ? by('a', step) : step

const isMessages = (step: Step): step is readonly Buffer[] => Array.isArray(step)
