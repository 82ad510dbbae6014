/** Opens a sandbox for the tests of a file, on a copy of the template. */
import { createClone } from 'reprise/postgres'
import { openSandbox } from 'reprise/sandbox'
import { afterAll, afterEach, inject } from 'vitest'

const { template, ...server } = inject('database')
const { url } = await createClone(server, template)
export const sandbox = await openSandbox({ databaseUrl: url })

afterEach(() => sandbox.rollback())
afterAll(() => sandbox.close())
