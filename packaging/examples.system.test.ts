/** Tests each folder of `examples/` as a user would run it: installed from the package, by the commands of its README. */
import { readdirSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import { install, otherEnvironment, pack, test as packaged, root, run } from './testing/package-fixture.ts'

const examples = path.join(root, 'examples')

const test = packaged.extend<{ folder: string }>({
  // Outside of the repository, whose own packages it would find.
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'reprise-example-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

// In one worker, so that the package is built once.
test.describe.configure({ mode: 'default' })

for (const { name } of readdirSync(examples, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
  test(`the example ${name} passes by its README`, async ({ built, folder }) => {
    const project = path.join(folder, name)
    await cp(path.join(examples, name), project, { recursive: true })
    const readme = await readFile(path.join(project, 'README.md'), 'utf8')
    const lines = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'))
    expect(lines[0]).toBe('npm install')
    await install(project, await pack(built, folder))
    for (const line of lines.slice(1)) await run('sh', ['-c', line], { cwd: project, env: otherEnvironment() })
    expect(lines.length).toBeGreaterThan(1)
  })
}
