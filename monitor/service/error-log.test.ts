import { expect, test } from '../../testing/test.ts'
import { createErrorLog } from './error-log.ts'

test('a recurring error is logged once, an error with another reason as well, and once that it is over', () => {
  const logged: string[] = []
  const errorLog = createErrorLog(text => logged.push(text))
  errorLog.end('Slots cannot be planned')
  for (const log of ['10:00 refused', '10:01 refused']) {
    errorLog.begin('Slots cannot be planned', new Error(`the database is away. Its last words:\n${log}`))
  }
  errorLog.begin('Alerts cannot be delivered', new Error('the database is away.'))
  errorLog.begin('Slots cannot be planned', new Error('it starts'))
  for (let times = 2; times > 0; times--) errorLog.end('Slots cannot be planned')
  errorLog.begin('Slots cannot be planned', new Error('it starts'))
  expect(logged).toEqual([
    'Slots cannot be planned: the database is away. Its last words:\n10:00 refused',
    'Alerts cannot be delivered: the database is away.',
    'Slots cannot be planned: it starts',
    'Slots cannot be planned: it works again.',
    'Slots cannot be planned: it starts',
  ])
})

test('a database without disk space is reported with a remedy, whatever file it could not write', () => {
  const logged: string[] = []
  const errorLog = createErrorLog(text => logged.push(text))
  for (const file of ['base/5/1259', 'pg_wal/xlogtemp.81']) {
    const error = new Error(`could not write to file "${file}": No space left on device`)
    errorLog.begin('Slots cannot be planned', Object.assign(error, { code: '53100' }))
  }
  expect(logged).toEqual([
    "Slots cannot be planned: There is no room left on the disk of the monitor's database: free some space there.",
  ])
})
