import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeFiles } from '../testing/project-folder.ts'
import { test as base, expect } from '../testing/test.ts'
import { addCommand, packageManagerOf } from './package-manager.ts'

// Outside the repository, whose lock file is above its own folders.
const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-package-manager-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

for (const [what, files, agent, command] of [
  ['nothing', {}, undefined, 'npm install --save-dev'],
  ['only a package.json', { 'package.json': '{}' }, undefined, 'npm install --save-dev'],
  ['a lock file of pnpm', { 'pnpm-lock.yaml': '' }, undefined, 'pnpm add -D'],
  ['a lock file of Yarn', { 'yarn.lock': '' }, undefined, 'yarn add -D'],
  ['a lock file of Bun', { 'bun.lock': '' }, undefined, 'bun add --dev'],
  [
    'a lock file of npm, under pnpm',
    { 'package-lock.json': '' },
    'pnpm/10.1.0 npm/? node/v22.0.0',
    'npm install --save-dev',
  ],
  ['a packageManager', { 'package.json': '{ "packageManager": "yarn@4.9.1+sha224.9" }' }, undefined, 'yarn add -D'],
  [
    'a packageManager beside an older lock file',
    { 'package.json': '{ "packageManager": "pnpm@10.1.0" }', 'package-lock.json': '' },
    undefined,
    'pnpm add -D',
  ],
  ['an unknown packageManager', { 'package.json': '{ "packageManager": 1 }' }, undefined, 'npm install --save-dev'],
  ['a package.json that is no JSON', { 'package.json': '{', 'yarn.lock': '' }, undefined, 'yarn add -D'],
  ['no lock file yet, under pnpm', { 'package.json': '{}' }, 'pnpm/10.1.0 npm/? node/v22.0.0', 'pnpm add -D'],
  ['an unknown program that calls', {}, 'deno/2.3', 'npm install --save-dev'],
  ['a package.json that is no object', { 'package.json': 'null', 'yarn.lock': '' }, undefined, 'yarn add -D'],
  [
    'the root of a workspace of pnpm',
    { 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n" },
    undefined,
    'pnpm add -D -w',
  ],
  [
    'settings of pnpm alone',
    { 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': 'onlyBuiltDependencies: [esbuild]\n' },
    undefined,
    'pnpm add -D',
  ],
  [
    'the root of a workspace of Yarn 1',
    { 'package.json': '{ "workspaces": ["packages/*"] }', 'yarn.lock': '# yarn lockfile v1\n' },
    undefined,
    'yarn add -D -W',
  ],
  [
    'the root of a workspace of Yarn 4',
    { 'package.json': '{ "workspaces": ["packages/*"] }', 'yarn.lock': '__metadata:\n  version: 8\n' },
    undefined,
    'yarn add -D',
  ],
] as const) {
  test(`a folder with ${what} gets ${command}`, async ({ folder }) => {
    await writeFiles(folder, files)
    const env = { npm_config_user_agent: agent }
    expect(addCommand(folder, ['pg', 'reprise'], env)).toBe(`${command} pg reprise`)
  })
}

test('a package of a workspace has the package manager of the workspace, and the nearest lock file counts', async ({
  folder,
}) => {
  await writeFiles(folder, {
    'pnpm-lock.yaml': '',
    'packages/api/package.json': '{}',
    'packages/apart/package-lock.json': '',
  })
  expect(packageManagerOf(path.join(folder, 'packages/api'), {})).toEqual({ name: 'pnpm', root: folder })
  const apart = path.join(folder, 'packages/apart')
  expect(packageManagerOf(apart, {})).toEqual({ name: 'npm', root: apart })
})
