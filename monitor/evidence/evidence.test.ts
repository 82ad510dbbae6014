/** Tests what stays on disk when evidence cannot be moved. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { projectFolder, writeFiles } from '../../testing/project-folder.ts'
import { expect, test } from '../../testing/test.ts'
import { configurationOf } from '../config/configuration.ts'
import { writeOutcomes } from '../replay/report-outcomes.ts'
import { openPool } from '../store/pool.ts'
import { openEvidence } from './evidence.ts'

test('evidence stays on disk while the database that is reached by a socket is stopped', async () => {
  const folder = projectFolder()
  const place = path.join(folder, '.reprise/runs/run-1')
  await writeFiles(place, { 'evidence.zip': 'an archive' })
  await writeOutcomes(place, [{ name: 'orders', outcome: 'failed' }])
  const pool = openPool(`postgres:///monitor?host=/stopped`)
  const configuration = configurationOf(path.join(folder, 'monitor.config.ts'), {
    environments: {},
    checks: {},
    evidence: { store: 'postgres' },
  })
  const evidence = openEvidence({ pool, env: {}, configuration: () => configuration })
  await expect(evidence.upload()).rejects.toThrow('connect ENOENT')
  expect(await evidence.find('run-1')).toMatchObject({ kind: 'archive', bytes: 10 })
  await pool.end()
  await rm(folder, { recursive: true, force: true })
})
