/** Imports a module that may be written in TypeScript, also if this version of Node cannot run it. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeFilesPrivate, makePrivateFolder } from '../../environment/reprise-folder.ts'

interface Module {
  default?: unknown
}

/**
 * Errors that Node throws for TypeScript it cannot run: for any of it, for this syntax, or for imports without a file
 * extension.
 */
const beyondNode = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
])

/**
 * Rejects with what the module throws, or with why it cannot be loaded.
 * @param edition Node imports a URL once; a new edition imports the file again.
 * @param folder The project: compiled modules are cached in its `.reprise/cache`.
 */
export async function importModule(file: string, edition = '', folder = path.dirname(file)): Promise<Module> {
  const url = pathToFileURL(file)
  if (edition !== '') url.searchParams.set('edition', edition)
  try {
    return await import(url.href)
  } catch (error) {
    if (!/\.m?ts$/.test(file) || !beyondNode.has(Object(error).code)) throw error
    return importCompiled(file, path.join(folder, '.reprise/cache'))
  }
}

async function importCompiled(file: string, fsCache: string): Promise<Module> {
  // `require` takes half the time of `import`, which would scan jiti for its exports.
  const { createJiti }: typeof import('jiti') = createRequire(import.meta.url)('jiti')
  makePrivateFolder(fsCache)
  const module = await createJiti(import.meta.url, { fsCache, moduleCache: false, interopDefault: false }).import(file)
  await makeFilesPrivate(fsCache)
  return module as Module
}
