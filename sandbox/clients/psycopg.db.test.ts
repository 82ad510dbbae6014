/** Python's `psycopg`: a Python script checks the sandbox. */
import path from 'node:path'
import { expect } from '@playwright/test'
import { findPython, pythonMissing } from '../../testing/installed-programs.ts'
import { scalar } from '../testing/sandbox-fixture.ts'
import { test } from './client-fixture.ts'
import { runProgram } from './program.ts'

const python = findPython() ?? ''
test.skip(python === '', pythonMissing)

const script = path.join(import.meta.dirname, 'psycopg', 'sessions.py')

test('every check of the script passes', async ({ tcp: { url, pool } }) => {
  const { stdout, stderr, code } = await runProgram(python, [script, url])
  expect(stderr).toBe('')
  expect(stdout.trim().split('\n')).toEqual([
    'creates, reads, updates and deletes',
    'continues after a unique violation',
    'rolls back a nested transaction alone',
    'prepares a statement and runs it again',
    'runs a pipeline',
    'reads rows with a server-side cursor',
    'copies rows in and out',
    'runs threads in parallel',
    'receives a notification',
  ])
  expect(code).toBe(0)
  expect(await scalar(pool, "select string_agg(v, ' ' order by v) from t where v like 'kept%'")).toBe('kept')
})
