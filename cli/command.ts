/** Defines a command and its invocation. */

export interface Command {
  /** The output of `--help`: usage, options and examples. */
  readonly help: string
  /** Resolves with the exit code. A thrown error is printed, and exits with code 2. */
  run(invocation: Invocation): Promise<number>
}

export interface Invocation {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The working directory. */
  readonly folder: string
  /** Whether output may have colours. */
  readonly colours: boolean
  /** Writes to stdout, with a line feed. */
  print(text: string): void
  /** Writes to stderr, with a line feed. */
  complain(text: string): void
  /** Shows a progress line that the next one replaces; on a terminal only. */
  progress(text: string): void
  /** Asks on the terminal, and resolves with the answer, or with `fallback` for an empty one. Undefined without a terminal. */
  readonly ask?: ((question: string, fallback: string) => Promise<string>) | undefined
  /** Resolves when the process is asked to stop; called once, by commands that run until then. */
  stopRequest(): Promise<void>
}
