/** Merges small bundles of esbuild and loads them. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { writeFiles } from '../testing/project-folder.ts'
import { expect, test } from '../testing/test.ts'
import { mergeChunks, type Together } from './merge-chunks.ts'

/** `late.ts` is imported by `first.ts` when that is called; `other.ts` is also loaded alone. */
const sources = {
  'first.ts': `
    import { count, increase } from './shared.ts'
    import ofDefault, { name } from './named.ts'
    export { count, increase, ofDefault }
    export const both = [name, ofDefault]
    export const loadLate = () => import('./late.ts')`,
  'second.ts': `
    import { count } from './shared.ts'
    import { name as other } from './named.ts'
    import './effect.ts'
    const name = 'second'
    export { count, name, other, name as default }`,
  'third.ts': `
    import { count } from './shared.ts'
    import { both } from './first.ts'
    export { both, count }`,
  'other.ts': `export { count, increase } from './shared.ts'`,
  'late.ts': `
    import { count } from './shared.ts'
    import { name } from './named.ts'
    export const seen = () => name + count`,
  'shared.ts': `
    export let count = 0
    export const increase = () => { count++ }`,
  'named.ts': `
    export const name = 'named'
    export default 'default of ' + name`,
  'effect.ts': `globalThis.mergedEffects = [...(globalThis.mergedEffects ?? []), 'effect']`,
  'package.json': '{ "type": "module" }',
}

async function merged(root: string, together: Together) {
  const dist = path.join(root, 'dist')
  await writeFiles(root, sources)
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['first.ts', 'second.ts', 'third.ts', 'other.ts'],
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    sourcemap: 'linked',
    metafile: true,
  })
  await mergeChunks(metafile.outputs, { root, dist }, together)
  return {
    dist,
    chunks: (await readdir(path.join(dist, 'chunks'))).filter(name => name.endsWith('.js')),
    load: (name: string) => import(pathToFileURL(path.join(dist, name)).href),
  }
}

test('merged files keep their exports, one instance of each module, and the values that change', async ({}, info) => {
  const { dist, chunks, load } = await merged(info.outputPath('project'), {
    groups: { all: ['first.ts', 'second.ts', 'effect.ts'], later: ['late.ts'] },
    apart: [['other.ts']],
  })
  expect(chunks).toContain('all-0.js')
  for (const name of chunks)
    expect(await readFile(path.join(dist, 'chunks', name), 'utf8')).not.toContain('dist/chunks')
  const [first, second, third, other] = await Promise.all(['first.js', 'second.js', 'third.js', 'other.js'].map(load))
  expect(first).toMatchObject({ both: ['named', 'default of named'], ofDefault: 'default of named', count: 0 })
  expect(second).toMatchObject({ default: 'second', name: 'second', other: 'named' })
  expect(third.both).toBe(first.both)
  first.increase()
  other.increase()
  expect([first, second, third, other].map(({ count }) => count)).toEqual([2, 2, 2, 2])
  expect((await first.loadLate()).seen()).toBe('named2')
  expect(Object(globalThis).mergedEffects).toEqual(['effect'])
})

test('what is imported lazily can be merged with its importer', async ({}, info) => {
  const { load } = await merged(info.outputPath('project'), {
    groups: { all: ['first.ts', 'late.ts'] },
    apart: [],
  })
  const first = await load('first.js')
  first.increase()
  const late = await first.loadLate()
  expect(late.seen()).toBe('named1')
  expect(Object.keys(late)).toEqual(['seen'])
})

test('a source without a file is named', async ({}, info) => {
  const merging = merged(info.outputPath('project'), { groups: { all: ['first.ts', 'missing.ts'] }, apart: [] })
  await expect(merging).rejects.toThrow('missing.ts is in no file of the bundle')
})
