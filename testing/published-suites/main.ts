/**
 * Prints how many steps of published suites have a sentence: `npx tsx testing/published-suites/main.ts FILE...`, with files of
 * Robot Framework, Karate, Postman and .http from a checkout of their repositories, or with transcriptions of `suites/`.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { measure } from './measure.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('Usage: npx tsx testing/published-suites/main.ts FILE...')
  process.exit(2)
}
const reasons = new Map<string, number>()
for (const file of files) {
  const { over, total, left } = measure(readFileSync(file, 'utf8'), path.basename(file))
  const share = total === 0 ? 100 : (100 * over) / total
  console.log(
    `${share.toFixed(1).padStart(5)} %  ${String(over).padStart(4)} of ${String(total).padEnd(4)}  ${path.basename(file)}`,
  )
  for (const { original, reason } of left) {
    const what = reason.startsWith('the vocabulary') ? reason : `${reason}: ${original.slice(0, 100)}`
    reasons.set(what, (reasons.get(what) ?? 0) + 1)
  }
}
console.log('\nWithout a sentence:')
for (const [reason, count] of [...reasons].sort(([, one], [, other]) => other - one))
  console.log(`${String(count).padStart(5)}  ${reason}`)
