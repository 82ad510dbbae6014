/**
 * The length of a test that repeats something random: short in every run, long in `npm run test:soak`, which runs the tests
 * that are tagged @soak only.
 */
export function soak<T>(lengths: { long: T; short: T }): T {
  return process.env.REPRISE_SOAK ? lengths.long : lengths.short
}
