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
  const manifest: Pick<Manifest, 'dependencies' | 'peerDependencies'> = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  )
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const folder = path.join(dist, path.dirname(entry))
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
    metafile: true,
    logLevel: 'silent',
    plugins: [originalPaths(path.join(root, path.dirname(entry)))],
  })
  await writeFile(path.join(folder, 'LICENSES.txt'), await licences(Object.keys(metafile.inputs)))
}

/** The replacements of these expressions; the same text in strings is left alone. */
const meta = {
  'import.meta.url': 'moduleUrl',
  'import.meta.filename': 'moduleFile',
  'import.meta.dirname': 'moduleFolder',
}

/** Makes `import.meta.url` and the like return a module's path before bundling, since the files that it reads are at that path in the package. */
function originalPaths(folder: string): Plugin {
  return {
    name: 'original paths',
    setup({ onLoad }) {
      onLoad({ filter: /\.m?ts$|\.mjs$/ }, async ({ path: file }) => {
        const text = await readFile(file, 'utf8')
        if (file.includes(`${path.sep}node_modules${path.sep}`) || !text.includes('import.meta.')) return null
        const place = path.relative(folder, file.replace(/\.ts$/, '.js')).split(path.sep).join('/')
        const { code } = await transform(text, { loader: 'ts', target: 'esnext', define: meta })
        const contents = `const moduleUrl = new URL(${JSON.stringify(place)}, import.meta.url).href
          const moduleFile = import.meta.dirname + ${JSON.stringify(`/${place}`)}
          const moduleFolder = import.meta.dirname + ${JSON.stringify(`/${path.posix.dirname(place)}`)}
          ${code}`
        return { contents, loader: 'js' }
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
