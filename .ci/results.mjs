/**
 * Counts the results of the last run under a name, and fails if a test failed or was skipped. Without a name, prints
 * the sum of all counts.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const sumFile = '.reprise/ci-sum.json'
const name = process.argv[2]

if (name === undefined) {
  const { passed, failed } = JSON.parse(readFileSync(sumFile, 'utf8'))
  console.log(`${passed} passed, ${failed} failed`)
} else {
  const { stats } = JSON.parse(readFileSync('.reprise/results.json', 'utf8'))
  const { expected: passed, unexpected: failed, skipped, flaky } = stats
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${flaky} flaky`)
  if (failed + skipped + flaky > 0 || passed === 0) process.exit(1)
  const isFirst = name === 'embedded' || !existsSync(sumFile)
  const before = isFirst ? { passed: 0, failed: 0 } : JSON.parse(readFileSync(sumFile, 'utf8'))
  mkdirSync('.reprise', { recursive: true })
  writeFileSync(sumFile, JSON.stringify({ passed: before.passed + passed, failed: before.failed + failed }))
}
