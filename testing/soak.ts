/**
 * The length of a test that repeats something random: short in every run, long in `npm run test:soak`, which runs the tests
 * that are tagged @soak only.
 */
export function soak(lengths: { long: number; short: number }): number {
  return process.env.REPRISE_SOAK ? lengths.long : lengths.short
}
