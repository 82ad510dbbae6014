/** The definition of a sentence: the expression that a line has to match, and the function that runs it. */
export interface SentenceDefinition {
  /** A Cucumber expression, such as `I am signed in as {word}`. */
  readonly expression: string
  /** What it does or asserts, in one line. */
  readonly meaning: string
  readonly example: string | undefined
  /** The names of the fixtures that `run` asks for. */
  readonly fixtures: readonly string[]
  run(fixtures: object, ...values: unknown[]): unknown
}
