import path from 'node:path'

/** The folder of the package. Bundles have this module in `chunks/`. */
export const packageFolder = path.dirname(import.meta.dirname)
