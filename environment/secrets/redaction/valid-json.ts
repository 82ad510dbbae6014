/** Keeps JSON valid where a secret in its text includes a quotation mark or a part of an escape that belong to the JSON. */

/** Returns the same text if there is no secret in it. */
type Redact = (text: string) => string

/** A redacted token may contain a secret again, once its backslashes are escaped; so often it is redacted. */
const mostPasses = 5

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[^\s"{}[\],:]+/g

/**
 * Returns the redacted text, or the text redacted value by value if it is JSON and would not be any more. A secret that spans
 * several values, such as one that is JSON itself, is redacted all the same.
 * @param isRedacted Whether no complete secret is left.
 */
export function validJson(
  text: string,
  redacted: string,
  redact: Redact,
  isRedacted: (text: string) => boolean,
): string {
  if (redacted === text || !/^\s*["[{]/.test(text) || isJson(redacted) || !isJson(text)) return redacted
  const valid = text.replace(token, part => (part.startsWith('"') ? redactString(part, redact) : quoted(part, redact)))
  return isRedacted(valid) ? valid : redacted
}

/** Redacts a string with its quotation marks, which stay. */
function redactString(part: string, redact: Redact): string {
  let result = part
  for (let pass = 0; pass < mostPasses; pass++) {
    const redacted = redact(result)
    if (redacted === result) break
    const content = redacted.replace(/^"|"$/g, '')
    result = isJson(`"${content}"`) ? `"${content}"` : JSON.stringify(content)
  }
  return result
}

/** A number with a secret in it becomes a string. */
function quoted(part: string, redact: Redact): string {
  const redacted = redact(part)
  return redacted === part ? part : JSON.stringify(redacted)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
