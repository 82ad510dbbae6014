/** Redacts what stands as base64 in Playwright's events: attachments and output that would be decoded later, by whoever reads them. */

/** Of Playwright's blob and traces: a line of JSON for each event. */
export function holdsEvents(name: string): boolean {
  return /\.(jsonl|trace)$/.test(name)
}

/** A stage of a pipeline. @param redact Takes secrets out of what was encoded. */
export function redactEvents(redact: (content: Buffer) => Promise<Buffer>) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<string> {
    for await (const lines of wholeLines(source)) {
      if (!isAffected(lines)) yield lines
      else for (const line of lines.split(/(?<=\n)/)) yield isAffected(line) ? await redactLine(line, redact) : line
    }
  }
}

/** As many at a time as came together, with their line feeds. */
async function* wholeLines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = []
  for await (const chunk of source) {
    const end = chunk.lastIndexOf(10) + 1
    if (end > 0) {
      yield Buffer.concat([...rest, chunk.subarray(0, end)]).toString()
      rest = []
    }
    rest.push(chunk.subarray(end))
  }
  yield Buffer.concat(rest).toString()
}

function isAffected(line: string): boolean {
  return line.includes('"base64":"') || line.includes('"isBase64":true')
}

async function redactLine(line: string, redact: (content: Buffer) => Promise<Buffer>): Promise<string> {
  const event: unknown = JSON.parse(line)
  await redactIn(event, redact)
  return `${JSON.stringify(event)}\n`
}

async function redactIn(value: unknown, redact: (content: Buffer) => Promise<Buffer>): Promise<void> {
  if (typeof value !== 'object' || value === null) return
  const fields: Record<string, unknown> = Object(value)
  for (const [key, content] of Object.entries(fields)) {
    if (typeof content === 'string' && (key === 'base64' || (key === 'data' && fields.isBase64 === true))) {
      const body = Buffer.from(content, 'base64')
      const redacted = await redact(body)
      if (redacted !== body) fields[key] = redacted.toString('base64')
    } else await redactIn(content, redact)
  }
}
