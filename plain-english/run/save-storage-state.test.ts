import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '../../testing/test.ts'
import { saveStorageState } from './save-storage-state.ts'

const state = { cookies: [], origins: [] }

test('the file is readable by its owner only, also one that was readable by all, and so is a new folder', async ({}, info) => {
  const project = info.outputPath('project')
  const folder = path.join(project, 'english')
  await mkdir(folder, { recursive: true })
  await saveStorageState(state, 'auth/admin.json', { folder, projects: [project] })
  expect((await stat(path.join(folder, 'auth'))).mode & 0o777).toBe(0o700)
  await writeFile(path.join(folder, 'old.json'), JSON.stringify(state), { mode: 0o644 })
  await saveStorageState(state, 'old.json', { folder, projects: [project] })
  for (const name of ['auth/admin.json', 'old.json']) {
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(path.join(folder, name), 'utf8'))).toEqual(state)
  }
  expect((await readdir(folder)).toSorted()).toEqual(['auth', 'old.json'])
})

test('another file, and one outside of the project, is refused', async ({}, info) => {
  const project = info.outputPath('project')
  const outside = info.outputPath('outside')
  await Promise.all([mkdir(project), mkdir(outside)])
  await writeFile(path.join(project, 'package.json'), '{"name": "shop"}')
  await symlink(outside, path.join(project, 'link'))
  const save = (name: string) => saveStorageState(state, name, { folder: project, projects: [project] })
  await expect(save('package.json')).rejects.toThrow('The file "package.json" exists and is no storage state')
  for (const name of [
    '../outside/admin.json',
    'link/admin.json',
    'link/auth/admin.json',
    path.join(outside, 'a.json'),
  ]) {
    await expect(save(name)).rejects.toThrow(`The file ${JSON.stringify(name)} is outside of the project, ${project}`)
  }
  expect(await readFile(path.join(project, 'package.json'), 'utf8')).toBe('{"name": "shop"}')
  expect(await readdir(outside)).toEqual([])
  await saveStorageState(state, '..admin.json', { folder: project, projects: [project] })
})
