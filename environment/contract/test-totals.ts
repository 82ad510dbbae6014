/** What the fixtures count of each test, for the summary of a run: an annotation that reports do not show. */

/** The environment variable by which a reporter asks for them. */
export const totalsVariable = 'REPRISE_TOTALS'

/** Reports leave out annotations whose type begins with an underscore. */
export const totalsAnnotation = '_reprise.totals'

export interface TestTotals {
  statements: number
  /** In milliseconds, from the first byte of each statement to its last response. */
  sqlMs: number
}
