/** Compares the picture in ARCHITECTURE.md with the import rules that `npm run check` enforces. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'
import { blocksOf } from './readme/blocks.ts'

interface Rules {
  folders: Record<string, string[]>
  /** From the bottom up: of `sandbox/`, or by folder. */
  layers: string[] | Record<string, string[]>
}

const root = path.join(import.meta.dirname, '..')
const rules = pathToFileURL(path.join(root, '.dependency-cruiser.mjs')).href
const { folders, layers }: Rules = await import(rules)
const layered = Array.isArray(layers) ? { sandbox: layers } : layers

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

test('the picture has an arrow for each folder that a folder may import, and no other', () => {
  const allowed = Object.entries(folders).flatMap(([from, names]) => names.map(to => `${from} --> ${to}`))
  const outside = picture.replace(/^ *subgraph [\s\S]*?^ *end$/gm, '')
  expect(arrowsIn(outside).sort()).toEqual(allowed.sort())
})

for (const [folder, names] of Object.entries(layered)) {
  test(`the picture has the layers of ${folder}/ in their order`, () => {
    const chain = names.flatMap((layer, index) => (index === 0 ? [] : [`${layer} --> ${names[index - 1]}`]))
    expect(arrowsIn(insides.get(folder))).toEqual(chain.reverse())
  })
}
