/**
 * `npm run build [FOLDER]`: builds the package `reprise` in `dist/`, or in a folder that does not exist yet: JavaScript, types,
 * source maps, and the files that they read.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { glob } from 'tinyglobby'
import { compiledFile, writeEntryPoints } from './entry-points.ts'
import { copyFiles, writeModules } from './modules.ts'
import { packagedPage } from './packaged-page.ts'
import { type Manifest, publishedManifest } from './published-manifest.ts'

const root = path.join(import.meta.dirname, '..')
const dist = path.resolve(root, process.argv[2] ?? 'dist')

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
await writeTypes()
await copyFiles(pages, dist)
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
const sources = Object.values(manifest.exports).map(file => path.posix.normalize(file))
await writeModules(sources, dist)
await writeEntryPoints(dist, sources.map(compiledFile), manifest.engines.node)
for (const program of Object.values(published.bin)) await chmod(path.join(dist, program), 0o755)
console.log(`The package is in ${path.relative(process.cwd(), dist)}: npm pack creates an archive of it.`)

async function writeTypes(): Promise<void> {
  const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const args = [path.join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', dist]
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch(error => {
    throw new Error(`The sources do not compile:\n${error.stdout}${error.stderr}`, { cause: error })
  })
}
