/**
 * Lets the source maps of the package name sources as if they were beside its files: the maps contain their text,
 * but that of libraries.
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'tinyglobby'

interface SourceMap {
  /** Relative to the map. */
  sources: string[]
  sourcesContent: (string | null)[]
  mappings: string
}

/**
 * Rewrites the maps below `dist`, whose sources are in this repository at `root`: the place of that on the machine that built
 * the package would be in them.
 */
export async function relocateSources(root: string, dist: string): Promise<void> {
  for (const file of await glob('**/*.map', { cwd: dist, absolute: true })) {
    const folder = path.dirname(file)
    await rewrite(file, map => ({
      ...map,
      sources: map.sources.map(source => {
        const place = path.join(dist, path.relative(root, path.resolve(folder, source)))
        return path.relative(folder, place).split(path.sep).join('/')
      }),
      // Those of libraries would be a third of the package.
      sourcesContent: map.sourcesContent.map((text, index) =>
        map.sources[index]?.includes('node_modules') ? null : text,
      ),
    }))
  }
}

/** Adds a line before the first one of a module, also in its map. */
export async function prependLine(file: string, line: string): Promise<void> {
  await writeFile(file, `${line}\n${await readFile(file, 'utf8')}`)
  await rewrite(`${file}.map`, map => ({ ...map, mappings: `;${map.mappings}` }))
}

async function rewrite(file: string, change: (map: SourceMap) => SourceMap): Promise<void> {
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))))
}
