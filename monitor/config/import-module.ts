/** Imports a module that may be in TypeScript, whether this version of Node understands it or not. */

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

/** Rejects with what the module throws, or why it cannot be loaded. @param url With `file:`. */
export async function importModule(url: string): Promise<Module> {
  try {
    return await import(url)
  } catch (error) {
    const isTypeScript = /\.m?ts$/.test(new URL(url).pathname)
    if (!isTypeScript || !beyondNode.has(Object(error).code)) throw error
    const { tsImport } = await import('tsx/esm/api')
    return await tsImport(url, import.meta.url)
  }
}
