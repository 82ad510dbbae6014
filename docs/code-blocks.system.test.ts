/** Checks the types of all TypeScript in the pages, and that a test executes what can be executed. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { glob } from 'tinyglobby'
import { root } from '../testing/project-folder.ts'
import { type Block, blocksOf, leadingCode } from './readme/blocks.ts'
import { makeClone } from './readme/clone.ts'
import { startShell } from './readme/shell.ts'

const pages = await glob(['README.md', 'docs/*.md', 'packaging/AGENTS.md'], { cwd: root })
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const blocks = pages.flatMap(page => blocksOf(read(page)).map(block => ({ page, block })))

/** Modules that compile only if a table of a page has all names of a type, and no other. */
const tables = {
  'blocks/fixtures-and-options.ts': `
    import type { Fixtures, Options, WorkerFixtures, WorkerOptions } from 'reprise'
    type Name = keyof (Fixtures & Options & WorkerFixtures & WorkerOptions)
    export const names: Record<Exclude<Name, 'browserMissing'>, true> = ${namesIn('README.md', 'Fixtures and options')}`,
  'blocks/settings-of-checks.ts': `
    import type { CheckConfig } from 'reprise/monitor'
    export const names: Record<keyof CheckConfig, true> = ${namesIn('docs/monitor.md', 'Configuration')}`,
}

// In one program, since most of its time goes to the types of the package.
test('all TypeScript in the pages compiles against the types of the package, whose names its tables list', async () => {
  const written = blocks.filter(({ block }) => block.language === 'ts')
  expect(written.length).toBeGreaterThan(15)
  // A folder for each page, since pages have files of the same name.
  const files = written.map(({ page, block }) => {
    const folder = path.basename(page, '.md').toLowerCase()
    return [`blocks/${folder}/${nameOf(block)}`, sourceOf(block)] as const
  })
  // What a block imports and shows in another language, or leaves to the reader.
  const others = {
    'blocks/agents/test.ts': "export { expect, test } from 'reprise'",
    'blocks/readme/e2e/test.ts': "export { expect, test } from 'reprise'",
  }
  const clone = await makeClone({ ...Object.fromEntries(files), ...others, ...tables }, 'sources')
  try {
    const tsconfig = {
      extends: path.join(root, 'tsconfig.json'),
      include: [...files.map(([name]) => name), ...Object.keys(tables)],
      exclude: [],
    }
    await writeFile(path.join(clone.folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    const { output } = await startShell(`npx tsc -p ${clone.folder}`, { cwd: root }).result()
    expect(output.replace(/^npm warn.*\n/gm, '').replaceAll(`${path.relative(root, clone.folder)}/`, '')).toBe('')
  } finally {
    await clone.remove()
  }
})

test('a page with commands or scripts has a test that executes them', async () => {
  const tests = await glob('**/*.test.ts', { cwd: root, ignore: ['**/node_modules/**', '.reprise/**', 'dist/**'] })
  const sources = tests.filter(file => file !== 'docs/code-blocks.system.test.ts').map(read)
  const executed = blocks.filter(({ block }) => /^(sh|bash|js|python|ruby)$/.test(block.language))
  for (const page of new Set(executed.map(({ page }) => page))) {
    const name = path.basename(page)
    expect
      .soft(
        sources.some(text => text.includes(name)),
        `No test reads ${page}`,
      )
      .toBe(true)
  }
})

function namesIn(page: string, heading: string): string {
  return JSON.stringify(Object.fromEntries(leadingCode(read(page), heading).map(name => [name, true])))
}

/** The file that the block shows, by its first line, or one for a fragment. */
function nameOf({ text, line }: Block): string {
  return /^\/\/ (\S+\.ts)\n/.exec(text)?.[1] ?? `line-${line}.ts`
}

/** The block as a module: fragments get what surrounds them in a file. */
function sourceOf({ text }: Block): string {
  const code = text.replace(/^\/\/ .*\n/, '').replaceAll('{ ... }', '{}')
  if (/^projects: /.test(code)) {
    return `import { defineConfig } from '@playwright/test'
      import type { Options, WorkerOptions } from 'reprise'
      export default defineConfig<Options, WorkerOptions>({ ${code} })`
  }
  if (/^\w+: /.test(code)) return `import { test as base } from 'reprise'\nexport const test = base.extend({ ${code} })`
  if (!/^import /m.test(code)) return `import { expect, test } from 'reprise'\n${code}`
  return code
}
