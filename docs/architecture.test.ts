/** Compares the picture in ARCHITECTURE.md with the import rules that `npm run check` enforces. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '../testing/test.ts'
import { blocksOf } from './readme/blocks.ts'

interface Rules {
  folders: Record<string, string[]>
  /** By folder, from the bottom up. */
  layers: Record<string, string[]>
  monitorLayers: Record<string, string[]>
}

const root = path.join(import.meta.dirname, '..')
const rules = pathToFileURL(path.join(root, '.dependency-cruiser.mjs')).href
const { folders, layers, monitorLayers }: Rules = await import(rules)

const page = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8')
const picture = blocksOf(page).find(({ language }) => language === 'mermaid')?.text ?? ''
const insides = new Map(
  [...picture.matchAll(/^ *subgraph ([\w-]+)\n([\s\S]*?)^ *end$/gm)].map(([, name, text]) => [name, text]),
)

/** The arrows of a part of the picture, such as `cli --> app`. */
function arrowsIn(text = ''): string[] {
  return text.split('\n').flatMap(line => {
    const [, from = '', to = ''] = /^ *([\w-]+) --> (.+)$/.exec(line) ?? []
    return to.split(' & ').flatMap(name => (name === '' ? [] : [`${from} --> ${name}`]))
  })
}

const arrowsOf = (rules: Record<string, string[]>) =>
  Object.entries(rules).flatMap(([from, names]) => names.map(to => `${from} --> ${to}`))

test('the picture has an arrow for each folder that a folder may import, and no other', () => {
  const outside = picture.replace(/^ *subgraph [\s\S]*?^ *end$/gm, '')
  expect(arrowsIn(outside).sort()).toEqual(arrowsOf(folders).sort())
})

test('the picture has the imports between the folders of monitor/', () => {
  expect(arrowsIn(insides.get('monitor')).sort()).toEqual(arrowsOf(monitorLayers).sort())
})

for (const [folder, names] of Object.entries(layers)) {
  test(`the picture has the layers of ${folder}/ in their order`, () => {
    const chain = names.flatMap((layer, index) => (index === 0 ? [] : [`${layer} --> ${names[index - 1]}`]))
    expect(arrowsIn(insides.get(folder))).toEqual(chain.reverse())
  })
}
