/**
 * Runs the tests of postgres.js in the place of its own `tests/test.js` and `tests/bootstrap.js`: goes on after a failure,
 * and prints each result as Mocha's reporter json-stream does. The database and its roles are there already.
 */
import { spawnSync } from 'node:child_process'
import { inspect } from 'node:util'

const skipped = process.env.SKIP === undefined ? undefined : new RegExp(process.env.SKIP)

let queue = Promise.resolve()
let waiting = 0

const leftBehind = (/** @type {unknown} */ error) => process.stderr.write(`${inspect(error)}\n`)
// Errors of connections that a test has left behind belong to no test.
process.on('uncaughtException', leftBehind)
process.on('unhandledRejection', leftBehind)

/**
 * @typedef {() => Promise<unknown[]>} Body
 * @param {string} name
 * @param {{ timeout?: number } | Body} options
 * @param {Body} [given]
 */
export function t(name, options, given) {
  if (skipped?.test(name)) return
  const seconds = ('timeout' in options ? options.timeout : undefined) ?? 5
  const body = given ?? /** @type {Body} */ (options)
  waiting += 1
  queue = queue.then(async () => {
    let timer
    try {
      const result = await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`Timed out after ${seconds} s`)), seconds * 1000)
        body().then(resolve, reject)
      })
      const [expected, got] = await Promise.all(result)
      if (expected !== got) throw new Error(`${inspect(expected)} != ${inspect(got)}`)
      print('pass', { fullTitle: name })
    } catch (error) {
      print('fail', { fullTitle: name, err: inspect(error) })
    }
    clearTimeout(timer)
    waiting -= 1
    if (waiting === 0) process.exit(0)
  })
}

/** A test that is to be skipped. */
export const nt = () => undefined

/**
 * A test that is to be run alone; here it is one of all.
 * @param {Parameters<typeof t>} test
 */
export const ot = (...test) => t(...test)

/**
 * Runs psql on the server itself: what tests do with it is about the server, such as `alter system`.
 * @param {string} command
 * @param {string[]} args
 */
export function exec(command, args) {
  const { stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PGPORT: process.env.SERVER_PORT },
  })
  if (stderr) throw new Error(stderr)
}

/** @param {string} event @param {object} test */
function print(event, test) {
  process.stdout.write(`\n${JSON.stringify([event, test])}\n`)
}
