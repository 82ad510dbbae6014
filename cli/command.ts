/** What a command gets, and what it gives. */

/** Resolves with the exit code. Throws an error whose message is the reason of an exit with code 2. */
export type Command = (invocation: Invocation) => Promise<number>

export interface Invocation {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Writes to stdout, with a line feed. */
  print(text: string): void
  /** Writes to stderr, with a line feed. */
  complain(text: string): void
  /** Resolves when the process is asked to stop; called once, by a command that runs until then. */
  stopRequest(): Promise<void>
}
