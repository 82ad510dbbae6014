/** What the reporter and the fixtures of a monitor's run agree on so that a failed test costs no new worker. */

/**
 * The environment variable with the ids of tests after which a worker has to end as usual, separated by spaces. Absent:
 * after every test that fails.
 */
export const endsWorkerVariable = 'REPRISE_ENDS_WORKER'

/** The attachment of a failed test that has kept its worker and should have passed; reports do not show it. */
export const keptWorkerName = '_reprise-kept-worker'
