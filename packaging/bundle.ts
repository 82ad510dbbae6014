/**
 * Bundles modules with their libraries into a few files: a program starts in half the time that Node takes to find, read and
 * compile some 200 separate modules. In a Playwright worker on Node 20, each import passes through another thread besides.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build, type Plugin, transform } from 'esbuild'
import { compiledFile } from './entry-points.ts'
import { mergeChunks, type Together } from './merge-chunks.ts'
import type { Manifest } from './published-manifest.ts'

const root = path.join(import.meta.dirname, '..')

/** The libraries in each bundle. The others are installed beside the package: they are large, or must exist once in a project. */
const bundled = ['diff', 'node-cron', 'semver', 'tinyglobby', 'yauzl', 'yazl']

interface Group {
  /** The modules' paths, relative to the root; the same paths in the package. */
  modules: readonly string[]
  /** Libraries in this bundle only. */
  libraries?: readonly string[]
  /** Which of the files are loaded together. */
  together?: Together
}

/**
 * Writes modules of this repository, and what they import, as JavaScript: each at its own path, and what several share in
 * `chunks/`.
 * @param groups Modules that share what they import.
 * @param dist The folder of the package.
 */
export async function writeBundles(groups: readonly Group[], dist: string): Promise<void> {
  const files: string[] = []
  for (const [index, group] of groups.entries()) files.push(...(await bundle(group, dist, `${index}-`)))
  await writeFile(path.join(dist, 'LICENSES.txt'), await licences(files))
}

/**
 * Returns the files in the bundle.
 * @param prefix Of the names of its chunks, so that it shares none with another bundle: it may remove them when it merges them.
 */
async function bundle({ modules, libraries = [], together }: Group, dist: string, prefix: string): Promise<string[]> {
  const manifest: Pick<Manifest, 'dependencies' | 'peerDependencies'> = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  )
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...modules.map(module => ({ in: module, out: module.replace(/\.ts$/, '') })),
      // As an entry, it is a module that others share, and so in `chunks/`.
      { in: packageFolder, out: 'chunks/package-folder' },
    ],
    outdir: dist,
    chunkNames: `chunks/${prefix}[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: installed.filter(name => !bundled.includes(name) && !libraries.includes(name)),
    banner: { js: requiring },
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'silent',
    plugins: [originalPaths],
  })
  for (const file of Object.keys(metafile.outputs)) if (file.endsWith('.js')) await dropRequire(path.join(root, file))
  if (together) await mergeChunks(metafile.outputs, { root, dist }, together)
  return Object.keys(metafile.inputs)
}

/** The first lines of each file, for libraries that are CommonJS. */
const requiring = "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)"

/** Empties these lines in a file without such a library, which would take longer to load. */
async function dropRequire(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const rest = text.slice(text.indexOf(requiring) + requiring.length)
  if (text.includes(requiring) && !/\brequire\b/.test(rest)) await writeFile(file, text.replace(requiring, '\n'))
}

/** The module with the folder that the modules' paths are in. */
const packageFolder = path.join(import.meta.dirname, 'package-folder.ts')

/** The replacements of these expressions; the same text in strings is left alone. */
const meta = {
  'import.meta.url': 'moduleUrl',
  'import.meta.filename': 'moduleFile',
  'import.meta.dirname': 'moduleFolder',
}

/** Makes `import.meta.url` and the like return a module's path before bundling, since the files that it reads are beside that. */
const originalPaths: Plugin = {
  name: 'original paths',
  setup({ onLoad }) {
    onLoad({ filter: /\.m?ts$|\.mjs$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8')
      const isOwn = !file.includes(`${path.sep}node_modules${path.sep}`) && file !== packageFolder
      if (!isOwn || !source.includes('import.meta.')) return null
      const { code } = await transform(source, {
        loader: 'ts',
        target: 'esnext',
        define: meta,
        sourcefile: path.basename(file),
        sourcemap: 'inline',
        // So that the map counts its lines.
        banner: `import { dirname as ownFolderOf } from 'node:path'
          import { pathToFileURL as ownUrlOf } from 'node:url'
          import { packageFolder as ownPackage } from ${JSON.stringify(packageFolder)}
          const moduleFile = ownPackage + ${JSON.stringify(placeOf(file))}
          const moduleUrl = ownUrlOf(moduleFile).href
          const moduleFolder = ownFolderOf(moduleFile)`,
      })
      return { contents: code, loader: 'js' }
    })
  },
}

/** The path in the package, with a leading slash. */
const placeOf = (file: string) => `/${path.relative(root, compiledFile(file)).split(path.sep).join('/')}`

/** The licences of the bundled libraries, which they require. Throws for a library without one. */
async function licences(files: readonly string[]): Promise<string> {
  const names = files.flatMap(file => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])
  const texts = [...new Set(names)].sort().map(async name => {
    const folder = path.join(root, 'node_modules', name)
    const file = (await readdir(folder)).find(file => /^licen[cs]e/i.test(file))
    if (file === undefined) throw new Error(`${folder} has no licence: ${name} cannot be a part of the package.`)
    return `${name}\n\n${(await readFile(path.join(folder, file), 'utf8')).trim()}\n`
  })
  return (await Promise.all(texts)).join('\n\n')
}
