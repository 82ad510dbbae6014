/**
 * Bundles a program with its libraries into a few files: it starts in half the time that Node takes to find, read and compile
 * some 200 separate modules.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build, type Plugin, transform } from 'esbuild'
import type { Manifest } from './published-manifest.ts'

const root = path.join(import.meta.dirname, '..')

/** The libraries in the bundle. The others are installed beside the package: they are large, or must exist once in a project. */
const bundled = new Set(['diff', 'node-cron', 'semver', 'tinyglobby', 'yauzl', 'yazl', 'zod'])

/**
 * Writes a module of this repository, and what it imports later, as JavaScript.
 * @param entry Its path, relative to the root; the same path in the package.
 * @param dist The folder of the package.
 */
export async function writeBundle(entry: string, dist: string): Promise<void> {
  const folder = path.dirname(entry)
  const files = await bundle(entry, path.join(dist, folder), file => {
    const place = path.relative(path.join(root, folder), file.replace(/\.ts$/, '.js'))
    return `import.meta.dirname + ${JSON.stringify(`/${place.split(path.sep).join('/')}`)}`
  })
  await writeFile(path.join(dist, folder, 'LICENSES.txt'), await licences(files))
}

/** Writes the same into any folder, for tests: it reads its other files in this repository. */
export async function writeBundleForTests(entry: string, folder: string): Promise<void> {
  await bundle(entry, folder, file => JSON.stringify(file))
}

/**
 * Returns the files in the bundle.
 * @param place An expression for the path at which a module counts as being.
 */
async function bundle(entry: string, folder: string, place: (file: string) => string): Promise<string[]> {
  const manifest: Pick<Manifest, 'dependencies' | 'peerDependencies'> = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  )
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: installed.filter(name => !bundled.has(name)),
    // For the libraries that are CommonJS.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)",
    },
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'silent',
    plugins: [originalPaths(place)],
  })
  return Object.keys(metafile.inputs)
}

/** The replacements of these expressions; the same text in strings is left alone. */
const meta = {
  'import.meta.url': 'moduleUrl',
  'import.meta.filename': 'moduleFile',
  'import.meta.dirname': 'moduleFolder',
}

/** Makes `import.meta.url` and the like return a module's path before bundling, since the files that it reads are beside that. */
function originalPaths(place: (file: string) => string): Plugin {
  return {
    name: 'original paths',
    setup({ onLoad }) {
      onLoad({ filter: /\.m?ts$|\.mjs$/ }, async ({ path: file }) => {
        const source = await readFile(file, 'utf8')
        if (file.includes(`${path.sep}node_modules${path.sep}`) || !source.includes('import.meta.')) return null
        const { code } = await transform(source, {
          loader: 'ts',
          target: 'esnext',
          define: meta,
          sourcefile: path.basename(file),
          sourcemap: 'inline',
          // So that the map counts its lines.
          banner: `import { dirname as folderOf } from 'node:path'
            import { pathToFileURL as urlOf } from 'node:url'
            const moduleFile = ${place(file)}
            const moduleUrl = urlOf(moduleFile).href
            const moduleFolder = folderOf(moduleFile)`,
        })
        return { contents: code, loader: 'js' }
      })
    },
  }
}

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
