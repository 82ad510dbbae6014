/**
 * Merges files of a bundle that are always loaded together. For its lazy imports, esbuild splits what several files share into
 * many small chunks, and in a Playwright worker each file that is loaded takes a millisecond, whatever its size.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'

type Outputs = Metafile['outputs']
type ImportKind = Outputs[string]['imports'][number]['kind']

/** Sources, relative to the root: entries, what is imported lazily, and others, which stand for the chunk that they are in. */
export interface Together {
  /** Those that are loaded together, by the name of their file. */
  groups: Readonly<Record<string, readonly string[]>>
  /** Those that are also loaded without the groups: what they need, now or later, is not merged with what they do not need. */
  apart: readonly (readonly string[])[]
}

/**
 * Merges the files of each group, and what they import statically, apart from what is in an earlier group: into one file in
 * `chunks/`, and one for what is also needed apart. Entries and lazily imported files keep their paths, and export what is in
 * the merged file. Throws an error for a source that has no file, and for an import that it does not find.
 * @param root What the paths in `outputs` are relative to; they are of files that esbuild has written with `splitting`.
 * @param dist The folder with `chunks/`.
 */
export async function mergeChunks(
  outputs: Outputs,
  { root, dist }: { root: string; dist: string },
  { groups, apart }: Together,
): Promise<void> {
  const files = new Map(
    Object.entries(outputs).flatMap(([file, output]) =>
      file.endsWith('.js') ? [[path.resolve(root, file), output] as const] : [],
    ),
  )
  const importsOf = (file: string, wanted: ImportKind) =>
    (files.get(file)?.imports ?? [])
      .filter(({ kind, external }) => kind === wanted && !external)
      .map(imported => path.resolve(root, imported.path))
  const staticImports = (file: string) => importsOf(file, 'import-statement')
  const lazyImports = (file: string) => importsOf(file, 'dynamic-import')
  const lazy = new Set([...files.keys()].flatMap(lazyImports))
  const fileOf = (source: string) => {
    const all = [...files]
    const found =
      all.find(([, { entryPoint }]) => entryPoint === source) ??
      all.find(([, { inputs }]) => Object.hasOwn(inputs, source))
    if (found) return found[0]
    throw new Error(`${source} is in no file of the bundle, so that there is nothing to merge.`)
  }
  const needs = apart.map(
    sources => new Set(closure(sources.map(fileOf), file => [...staticImports(file), ...lazyImports(file)])),
  )
  const placed = new Set<string>()
  const merged = new Set<string>()
  const removed = new Set<string>()
  const written: string[] = []
  for (const [name, sources] of Object.entries(groups)) {
    const parts = new Map<string, string[]>()
    for (const file of closure(sources.map(fileOf), staticImports)) {
      if (placed.has(file)) continue
      placed.add(file)
      const key = needs.map(needed => Number(needed.has(file))).join('')
      parts.set(key, [...(parts.get(key) ?? []), file])
    }
    for (const [key, part] of parts) await merge(`${name}-${key}`, part)
  }
  for (const file of [...files.keys(), ...written]) if (!removed.has(file)) await expectNoImportOf(removed, file)

  async function merge(name: string, chosen: readonly string[]): Promise<void> {
    if (chosen.length < 2) return
    const place = path.join(dist, 'chunks', `${name}.js`)
    const places = new Map(chosen.map((file, index) => [file, (exported: string) => `${exported}_${index}`]))
    const lines = chosen.map(file =>
      exportsFrom(relative(place, file), files.get(file)?.exports ?? [], places.get(file)),
    )
    for (const file of chosen) {
      const { entryPoint } = files.get(file) ?? {}
      await nameSource(file, entryPoint === undefined ? esbuildItself : path.join(root, entryPoint))
    }
    await writeMerged(place, lines, places, dist)
    for (const file of [...files.keys(), ...written]) {
      if (!merged.has(file) && !places.has(file)) await importFrom(place, file, places)
    }
    for (const [file, nameOf] of places) {
      merged.add(file)
      const { entryPoint, exports = [] } = files.get(file) ?? {}
      if (entryPoint === undefined && !lazy.has(file)) {
        removed.add(file)
        await Promise.all([rm(file), rm(`${file}.map`)])
      } else await writeForwarding(file, exportsFrom(relative(file, place), exports, nameOf, true))
    }
    written.push(place)
  }
}

/** The files and what they import, each once, with what a file imports before it. */
function closure(starts: readonly string[], importsOf: (file: string) => readonly string[]): string[] {
  const found = new Set<string>()
  const visited = new Set<string>()
  const visit = (file: string) => {
    if (visited.has(file)) return
    visited.add(file)
    for (const imported of importsOf(file)) visit(imported)
    found.add(file)
  }
  for (const start of starts) visit(start)
  return [...found]
}

/** `isBack`: from the merged file to the original names. */
function exportsFrom(
  from: string,
  exports: readonly string[],
  nameOf: (exported: string) => string = exported => exported,
  isBack = false,
): string {
  if (exports.length === 0) return `import ${JSON.stringify(from)}`
  const names = exports.map(name => (isBack ? `${nameOf(name)} as ${name}` : `${name} as ${nameOf(name)}`))
  return `export { ${names.join(', ')} } from ${JSON.stringify(from)}`
}

/** The source of what esbuild adds. */
const esbuildItself = path.join(import.meta.dirname, '../node_modules/esbuild/lib/main.js')

/** Gives a map without sources, of a file that only exports what is in others, this one: the file itself would be its source. */
async function nameSource(file: string, source: string): Promise<void> {
  const map = JSON.parse(await readFile(`${file}.map`, 'utf8'))
  if (map.sources.length > 0) return
  const named = {
    sources: [relative(file, source)],
    sourcesContent: [await readFile(source, 'utf8')],
    mappings: 'AAAA',
  }
  await writeFile(`${file}.map`, JSON.stringify({ ...map, ...named }))
}

async function writeMerged(
  place: string,
  lines: readonly string[],
  chosen: ReadonlyMap<string, unknown>,
  dist: string,
): Promise<void> {
  const ownFiles: Plugin = {
    name: 'own files',
    setup({ onResolve }) {
      onResolve({ filter: /^\.{0,2}\// }, ({ path: imported, resolveDir }) => {
        const file = path.resolve(resolveDir, imported)
        return chosen.has(file) ? { path: file } : { path: relative(place, file), external: true }
      })
    },
  }
  await build({
    // What it writes names files relative to this: not those of the machine that builds the package.
    absWorkingDir: path.resolve(dist),
    stdin: { contents: lines.join('\n'), resolveDir: path.dirname(place), sourcefile: esbuildItself },
    outfile: place,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'linked',
    logLevel: 'silent',
    plugins: [ownFiles],
  })
}

/** Writes a module of one line, with a map in which no source is. */
async function writeForwarding(file: string, line: string): Promise<void> {
  await writeFile(file, `${line}\n//# sourceMappingURL=${path.basename(file)}.map\n`)
  await writeFile(
    `${file}.map`,
    JSON.stringify({ version: 3, sources: [], sourcesContent: [], names: [], mappings: '' }),
  )
}

/** Lets a file that esbuild has written import from the merged file. Its lines stay where they are, for its map. */
async function importFrom(
  place: string,
  file: string,
  places: ReadonlyMap<string, (exported: string) => string>,
): Promise<void> {
  const text = await readFile(file, 'utf8')
  const changed = text.replace(/^(import (?:\{([^}]*)\} from )?)"(\.[^"]+)";$/gm, (statement, _, names, imported) => {
    const nameOf = places.get(path.resolve(path.dirname(file), imported))
    if (!nameOf) return statement
    const renamed = names?.replace(
      /([\w$]+)( as [\w$]+)?(?=,|\s*$)/g,
      (_: string, name: string, local = ` as ${name}`) => `${nameOf(name)}${local}`,
    )
    const from = JSON.stringify(relative(file, place))
    return renamed === undefined ? `import ${from};` : `import {${renamed}} from ${from};`
  })
  if (changed !== text) await writeFile(file, changed)
}

/** Throws if `importFrom` has not found an import, as it might with another version of esbuild. */
async function expectNoImportOf(removed: ReadonlySet<string>, file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const [left] = [...removed].filter(each => text.includes(JSON.stringify(relative(file, each))))
  if (left === undefined) return
  throw new Error(
    `${file} imports ${left}, which was merged: importFrom in packaging/merge-chunks.ts has to read imports as esbuild writes them.`,
  )
}

function relative(from: string, to: string): string {
  const found = path.relative(path.dirname(from), to).split(path.sep).join('/')
  return found.startsWith('.') ? found : `./${found}`
}
