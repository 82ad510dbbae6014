/** Removes the functions that a template replaces from the call stack of an error. */

import { errorResponse, readErrorFields } from '../protocol/backend-messages.ts'

/** The signatures as the server writes them, and the calls of the originals. In pg_catalog, names have no schema. */
const replaced =
  /(?<![.\w])(?:set_config\(text,text,boolean\)|pg_notify\(text,text\))|\breprise_(?:set_config|pg_notify)\(/

/** The ErrorResponse without the lines that a server's own function would not have. */
export function withoutOwnContext(bytes: Buffer): Buffer {
  if (!bytes.includes('(text,text')) return bytes
  const { context, ...fields } = readErrorFields(bytes)
  if (context === undefined) return bytes
  const lines = context.split('\n').filter(line => !replaced.test(line))
  return errorResponse(lines.length > 0 ? { ...fields, context: lines.join('\n') } : fields)
}
