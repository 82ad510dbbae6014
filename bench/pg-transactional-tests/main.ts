/** Measures the peer library, used as its documentation says. Arguments: database URL, rounds. Prints milliseconds. */
import pg from 'pg'
import { testTransaction } from 'pg-transactional-tests'
import { sideBySide } from '../median.ts'
import { insert, values } from '../subject.ts'

const [url, rounds] = process.argv.slice(2)
testTransaction.start()
const pool = new pg.Pool({ connectionString: url })
const contestants = {
  peer: async () => {
    testTransaction.start()
    await pool.query(insert, values)
    await testTransaction.rollback()
  },
}
await sideBySide(contestants, 500)
const { peer } = await sideBySide(contestants, Number(rounds))
console.log(peer)
await testTransaction.close()
process.exit()
