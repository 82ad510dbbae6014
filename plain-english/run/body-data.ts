/** Reads a response body that is XML or CSV as data, so that sentences about fields can read it like JSON. */

/** Such as `text/csv`; in lower case and without parameters. */
export function mediaTypeIn(headers: Readonly<Record<string, string>>): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function isXml(mediaType: string): boolean {
  return /[/+]xml$/.test(mediaType) && mediaType !== 'application/xhtml+xml'
}

function isCsv(mediaType: string): boolean {
  return mediaType === 'text/csv' || mediaType === 'application/csv'
}

export interface BodyData {
  /** Undefined for other types, and for a fault. */
  data?: unknown
  /** Why it is no data, for a message. */
  fault?: string
}

/**
 * XML: an object with a member for each element, `@name` for an attribute and `#text` for a text beside attributes; elements
 * with the same name are a list. CSV: a list with an object of texts for each row. Throws nothing.
 */
export async function dataIn(mediaType: string, text: string): Promise<BodyData> {
  try {
    if (isXml(mediaType)) {
      const fault = await faultOfXml(text)
      return fault === undefined ? { data: await readXml(text) } : { fault: `${mediaType}, ${fault}` }
    }
    return isCsv(mediaType) ? { data: await readCsv(text) } : {}
  } catch (error) {
    // The parser refuses some XML that is well-formed: names such as constructor, many entities, deep nesting.
    const { message } = error instanceof Error ? error : { message: String(error) }
    return { fault: `${mediaType}, ${message.replace(/\.$/, '')}` }
  }
}

/** What is wrong with the XML, with its line; undefined if it is well-formed. */
export async function faultOfXml(text: string): Promise<string | undefined> {
  const { XMLValidator } = await import('fast-xml-parser')
  const result = XMLValidator.validate(text)
  return result === true ? undefined : `line ${result.err.line}: ${result.err.msg}`
}

async function readXml(text: string): Promise<unknown> {
  const { XMLParser } = await import('fast-xml-parser')
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: true,
    ignoreDeclaration: true,
    // A number such as 007 stays a text.
    numberParseOptions: { leadingZeros: false, hex: false, eNotation: false },
  })
  return parser.parse(text)
}

/** Throws for a row that has other columns than the first one. */
export async function readCsv(text: string): Promise<Record<string, string>[]> {
  const { parse } = await import('csv-parse/sync')
  return parse(text, { columns: true, bom: true, skip_empty_lines: true })
}
