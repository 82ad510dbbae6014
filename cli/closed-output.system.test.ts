/** Tests what a command does when the program that reads its output ends first. */
import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { commandLine } from '../testing/built/built-modules.ts'
import { projectFolder, writeFiles } from '../testing/project-folder.ts'

test('init writes all files, and succeeds', async () => {
  const folder = projectFolder()
  try {
    await writeFiles(folder, { 'package.json': '{}' })
    // `true` reads nothing, and ends long before Node has started.
    const piped = '{ "$0" "$@" 2>errors; echo $? >code; } | true'
    await promisify(execFile)('sh', ['-c', piped, ...commandLine(), 'init', '--yes'], { cwd: folder })
    const read = (name: string) => readFile(path.join(folder, name), 'utf8')
    expect({ code: await read('code'), errors: await read('errors') }).toEqual({ code: '0\n', errors: '' })
    // The last file that it writes.
    expect(await read('.gitignore')).toContain('.reprise/')
  } finally {
    await rm(folder, { recursive: true })
  }
})
