/** Opens a sandbox for the tests of a file, on a copy of the template. */
import { afterAll, afterEach } from '@jest/globals'
import { createClone } from 'reprise/postgres'
import { openSandbox } from 'reprise/sandbox'

const { template, ...server } = JSON.parse(process.env.TEST_DATABASE)
const { url } = await createClone(server, template)
export const sandbox = await openSandbox({ databaseUrl: url })

afterEach(() => sandbox.rollback())
afterAll(() => sandbox.close())
