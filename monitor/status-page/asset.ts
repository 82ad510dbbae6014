/** Serves a file of this package: a style sheet, or a script. */
import path from 'node:path'
import type { RequestHandler } from 'express'

/** @param file Its absolute path. Browsers keep it, and ask each time whether it has changed. */
export function asset(file: string): RequestHandler {
  return (_request, response) => {
    response.set('Cache-Control', 'no-cache')
    // Given an absolute path, sendFile would reject one with a dotted folder such as .pnpm.
    response.sendFile(path.basename(file), { root: path.dirname(file), cacheControl: false })
  }
}
