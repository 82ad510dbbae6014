/** Imports a module that may be in TypeScript, whether this version of Node understands it or not. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { closeFiles, makeOwnFolder } from '../../environment/reprise-folder.ts'

interface Module {
  default?: unknown
}

/** What Node says of TypeScript that it does not run itself: none of it, not this syntax, or an import without its extension. */
const beyondNode = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
])

/**
 * Rejects with what the module throws, or why it cannot be loaded.
 * @param edition Node reads a file once; it reads it again for another text.
 * @param folder Where it belongs to: what is compiled is kept there, in `.reprise/cache`, while it is the same.
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
  // In half the time of an import: for that Node would search it for its exports.
  const { createJiti }: typeof import('jiti') = createRequire(import.meta.url)('jiti')
  makeOwnFolder(fsCache)
  const module = await createJiti(import.meta.url, { fsCache, moduleCache: false, interopDefault: false }).import(file)
  await closeFiles(fsCache)
  return module as Module
}
