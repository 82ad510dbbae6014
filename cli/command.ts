/** What a command is, what it gets, and what it gives. */

export interface Command {
  /** What `--help` prints: how it is called, what it takes, and examples. */
  readonly help: string
  /** Resolves with the exit code. Throws an error whose message is the reason of an exit with code 2. */
  run(invocation: Invocation): Promise<number>
}

export interface Invocation {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Where it was called. */
  readonly folder: string
  /** Whether what is printed may have colours. */
  readonly colours: boolean
  /** Writes to stdout, with a line feed. */
  print(text: string): void
  /** Writes to stderr, with a line feed. */
  complain(text: string): void
  /** Shows a line that the next one replaces; on a terminal only. */
  progress(text: string): void
  /** Resolves when the process is asked to stop; called once, by a command that runs until then. */
  stopRequest(): Promise<void>
}
