// Bundles the extension for VS Code as its package has it, and activates it: it starts the real language server.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { buildSync } from 'esbuild'
import { commandLine } from '../../testing/built/built-modules.ts'
import { projectFolder, root } from '../../testing/project-folder.ts'
import { fakeEditor } from '../testing/vscode.ts'

interface Extension {
  activate(): Promise<void>
  deactivate(): Promise<void>
}

function extensionFor(vscode: object): Extension {
  const { outputFiles } = buildSync({
    entryPoints: [path.join(root, 'editors/vscode/extension.js')],
    bundle: true,
    platform: 'node',
    external: ['vscode'],
    write: false,
  })
  const own = createRequire(import.meta.url)
  const module = { exports: {} }
  const run = new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')
  run(module, module.exports, (name: string) => (name === 'vscode' ? vscode : own(name)))
  return module.exports as Extension
}

test('the extension starts the language server, which watches files and reports faults', async () => {
  const folder = path.join(projectFolder(), 'plain-english')
  await mkdir(folder, { recursive: true })
  const [file, included] = [path.join(folder, 'users.txt'), path.join(folder, 'logins.txt')]
  await writeFile(included, 'GET /me')
  const editor = fakeEditor(folder, { 'reprise.command': commandLine() })
  const extension = extensionFor(editor.module)
  try {
    await extension.activate()
    const faults = await editor.open(file, 'Include "logins.txt"\nScenario: a\nGET /a\nStatus Cod Should Be 200\n')
    expect(faults.map(({ range, message }) => [range.start.line, message])).toEqual([
      [3, expect.stringContaining('Did you mean: Status Code Should Be {int}')],
    ])
    await writeFile(included, 'GET /me\nI am')
    expect((await editor.changed(included)).map(({ range }) => range.start.line)).toEqual([3, 0])
    expect(editor.watched).toContain('**/*.txt')
    expect(editor.messages).toEqual([])
  } finally {
    await extension.deactivate()
    await rm(path.dirname(folder), { recursive: true })
  }
})
