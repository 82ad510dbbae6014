/** Stops the run's Postgres. */
export default () => globalThis.server.stop()
