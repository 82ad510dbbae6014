/**
 * Lets each way into the package first check what runs it. A Node that is too old would otherwise stop at the first function
 * that it does not have, or refuse to `require` an ES module; in Yarn's Plug'n'Play, a process would not find its files.
 */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { prependLine } from './source-maps.ts'

/**
 * Writes the program that is called, and adds the check to the files that projects import. For `require` each has a file
 * beside it, which any version of Node reads.
 * @param exported The files of `exports`, relative to `dist`.
 * @param range That of `engines`, such as `>=20.19`.
 */
export async function writeEntryPoints(dist: string, exported: readonly string[], range: string): Promise<void> {
  // The same text as an ES module and for `require`: Node 18 reports what is thrown between the two kinds twice.
  for (const ending of ['js', 'cjs']) await writeFile(path.join(dist, `${checkFile}.${ending}`), checkOf(range))
  await writeFile(path.join(dist, 'cli/bin.cjs'), program)
  for (const file of exported) {
    const check = path.posix.join(path.posix.relative(path.posix.dirname(file), '.'), checkFile)
    const place = path.join(dist, file)
    await prependLine(place, `import '${check}.js'`)
    const required = `require('${check}.cjs')\nmodule.exports = require('./${path.posix.basename(file)}')\n`
    await writeFile(requiredFile(place), required)
  }
}

/** The file of the package for a source. */
export const compiledFile = (source: string): string => source.replace(/\.ts$/, '.js')

/** The file for `require` beside a file of `exports`. */
export const requiredFile = (file: string): string => file.replace(/\.js$/, '.cjs')

const checkFile = 'check-runtime'

/** In syntax that old versions read. */
function checkOf(range: string): string {
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(range) ?? []
  if (major === undefined) throw new Error(`engines.node in package.json is ${range}: write it as >=20.19.`)
  return `const [major, minor] = process.versions.node.split('.').map(Number)
if (major < ${major} || (major === ${major} && minor < ${minor})) {
  throw new Error(
    'Reprise needs Node ${major}.${minor} or newer, and this is Node ' + process.versions.node +
      ': install another one, for example with nvm install --lts, and try again.',
  )
}
if (process.versions.pnp) {
  throw new Error(
    "Reprise does not work with Yarn's Plug'n'Play, where Postgres and other processes do not find their files: " +
      'set "nodeLinker: node-modules" in .yarnrc.yml, run yarn install, and try again.',
  )
}
`
}

const program = `#!/usr/bin/env node
try {
  require('../${checkFile}.cjs')
} catch ({ message }) {
  console.error(message)
  process.exit(2)
}
import('./main.js')
`
