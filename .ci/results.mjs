/**
 * Counts the results of the last run under a name, and fails if a test failed or was skipped, or if
 * more than three of all runs so far passed only on a retry; each of those is named. Without a name, prints the sums.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const sumFile = '.reprise/ci-sum.json'
const accidents = 3
const name = process.argv[2]

if (name === undefined) {
  const { passed, failed } = JSON.parse(readFileSync(sumFile, 'utf8'))
  console.log(`${passed} passed, ${failed} failed`)
} else {
  const { stats, suites } = JSON.parse(readFileSync('.reprise/results.json', 'utf8'))
  const { unexpected: failed, skipped, flaky } = stats
  const passed = stats.expected + flaky
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${flaky} flaky`)
  for (const { file, line, title } of suites.flatMap(flakyIn)) console.log(`  flaky: ${file}:${line} ${title}`)
  const before = existsSync(sumFile) ? JSON.parse(readFileSync(sumFile, 'utf8')) : { passed: 0, failed: 0, flaky: 0 }
  const sum = { passed: before.passed + passed, failed: before.failed + failed, flaky: before.flaky + flaky }
  mkdirSync('.reprise', { recursive: true })
  writeFileSync(sumFile, JSON.stringify(sum))
  if (failed + skipped > 0 || sum.flaky > accidents || passed === 0) process.exit(1)
}

function flakyIn({ specs = [], suites = [] }) {
  return [...specs.filter(({ tests }) => tests.some(({ status }) => status === 'flaky')), ...suites.flatMap(flakyIn)]
}
