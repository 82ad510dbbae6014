/** Defines how the reporter and the fixtures of a monitor's run keep a worker after a failed test, instead of starting a new one. */

/**
 * The environment variable with the ids of tests after which a worker has to end as usual, separated by spaces. If it is not
 * set: after every failed test.
 */
export const endsWorkerVariable = 'REPRISE_ENDS_WORKER'

/** The attachment of a failed test that has kept its worker, and whose expected status was changed; reports do not show it. */
export const keptWorkerName = '_reprise-kept-worker'
