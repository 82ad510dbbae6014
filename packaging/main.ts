/**
 * `npm run build [FOLDER]`: builds the package `reprise` in `dist/`, or in a folder that does not exist yet: JavaScript, types,
 * source maps, and the files that they read.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { glob } from 'tinyglobby'
import { writeBundle } from './bundle.ts'
import { writeEntryPoints } from './entry-points.ts'
import { packagedPage } from './packaged-page.ts'
import { type Manifest, publishedManifest } from './published-manifest.ts'
import { relocateSources } from './source-maps.ts'

const root = path.join(import.meta.dirname, '..')
const dist = path.resolve(root, process.argv[2] ?? 'dist')

/** The files that modules read at run time, which the compiler does not copy. */
const read = [
  'app/page/**',
  'app/**/*.sql',
  '{monitor,fixtures,pages,reporter}/**/*.css',
  'monitor/status-page/*.mjs',
  'monitor/**/migrations/*.sql',
  'monitor/status-page/*.mjs',
]

/** Those in `packaging/` are at the root of the package. */
const pages = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'docs/*.md',
  'docs/*.svg',
  'docs/pictures/*.png',
  'packaging/AGENTS.md',
  'packaging/llms.txt',
]

if (dist === path.join(root, 'dist')) await rm(dist, { recursive: true, force: true })
else if (existsSync(dist)) throw new Error(`${dist} exists: choose a folder that does not exist, or remove it.`)
await compile()
for (const file of await glob([...read, ...pages], { cwd: root })) {
  const target = path.join(dist, file.replace(/^packaging\//, ''))
  await mkdir(path.dirname(target), { recursive: true })
  await cp(path.join(root, file), target)
}
for (const page of await glob('**/*.md', { cwd: dist })) {
  const text = await readFile(path.join(dist, page), 'utf8')
  await writeFile(
    path.join(dist, page),
    packagedPage(text, page, file => existsSync(path.join(dist, file))),
  )
}
const manifest: Manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
const published = publishedManifest(manifest)
await writeFile(path.join(dist, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`)
await writeBundle('cli/main.ts', dist)
const exported = Object.values(manifest.exports).map(file => path.posix.normalize(file.replace(/\.ts$/, '.js')))
await relocateSources(root, dist)
await writeEntryPoints(dist, exported, manifest.engines.node)
for (const program of Object.values(published.bin)) await chmod(path.join(dist, program), 0o755)
console.log(`The package is in ${path.relative(process.cwd(), dist)}: npm pack creates an archive of it.`)

async function compile(): Promise<void> {
  const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const args = [path.join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', dist]
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch(error => {
    throw new Error(`The sources do not compile:\n${error.stdout}${error.stderr}`, { cause: error })
  })
}
