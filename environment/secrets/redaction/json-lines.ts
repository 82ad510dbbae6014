/** Redacts Playwright's events, also output that was printed in several writes, and attachments in base64. */
import type { Pieces } from './pieces.ts'
import type { Redactor } from './redactor.ts'

/** Whether a file of Playwright's blob report or trace has one JSON event per line. */
export function holdsEvents(name: string): boolean {
  return /\.(jsonl|trace|network)$/.test(name)
}

/**
 * A stage of a pipeline. Events keep their order: while printed output ends with what may be the beginning of a secret, it
 * and all later events wait for the next output.
 * @param redactBody Redacts a decoded attachment.
 */
export function redactEvents(redactor: Redactor, redactBody: (content: Buffer) => Promise<Buffer>) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<string> {
    const outputs = new Map<string, Output>()
    const waiting: Line[] = []
    const ready = () => {
      const count = waiting.findIndex(({ text }) => text === undefined)
      return waiting.splice(0, count === -1 ? waiting.length : count).map(({ text }) => text)
    }
    for await (const lines of wholeLines(source)) {
      if (!isAffected(lines)) {
        if (waiting.length === 0) yield redactor.lines(lines)
        else waiting.push({ text: lines })
        continue
      }
      for (const text of lines.split(/(?<=\n)/)) {
        const printed = printedIn(text)
        if (printed) {
          const output = outputs.get(printed.stream) ?? { pieces: redactor.pieces(), waiting: [] }
          outputs.set(printed.stream, output)
          const line: Line = { text: undefined }
          waiting.push(line)
          output.waiting.push({ line, text, printed })
          settle(output, output.pieces.push(printed.bytes))
        } else waiting.push({ text: text.includes('"base64":"') ? await redactLine(text, redactBody) : text })
      }
      yield redactor.lines(ready().join(''))
    }
    for (const output of outputs.values()) settle(output, output.pieces.end('cut'))
    yield redactor.lines(ready().join(''))
  }
}

/** Undefined until it is redacted. */
interface Line {
  text: string | undefined
}

/** The output of one test to one stream. */
interface Output {
  pieces: Pieces
  waiting: { line: Line; text: string; printed: Printed }[]
}

interface Printed {
  /** Identifies the output that this is a part of. */
  stream: string
  bytes: Buffer
  /** The event with other bytes instead of these. */
  with(bytes: Buffer): object
}

function settle({ waiting }: Output, settled: readonly Buffer[]): void {
  for (const bytes of settled) {
    const next = waiting.shift()
    if (!next) continue
    const { line, text, printed } = next
    line.text = bytes === printed.bytes ? text : `${JSON.stringify(printed.with(bytes))}\n`
  }
}

/** The output in an event of a blob or a trace; undefined for other events. */
function printedIn(line: string): Printed | undefined {
  if (!printMarks.some(mark => line.includes(mark))) return undefined
  const event = JSON.parse(line)
  if (event.method === 'onStdIO') {
    const { testId, resultId, type, data, isBase64 } = event.params
    return {
      stream: JSON.stringify([testId, resultId, type]),
      bytes: Buffer.from(data, isBase64 ? 'base64' : 'utf8'),
      with: bytes => ({ ...event, params: { ...event.params, data: bytes.toString(isBase64 ? 'base64' : 'utf8') } }),
    }
  }
  const { type, text, base64 } = event
  if ((type !== 'stdout' && type !== 'stderr') || (typeof text !== 'string' && typeof base64 !== 'string'))
    return undefined
  return {
    stream: type,
    bytes: typeof text === 'string' ? Buffer.from(text) : Buffer.from(base64, 'base64'),
    with: bytes => ({
      ...event,
      ...(typeof text === 'string' ? { text: `${bytes}` } : { base64: bytes.toString('base64') }),
    }),
  }
}

const printMarks = ['"onStdIO"', '"type":"stdout"', '"type":"stderr"']

/** Yields the complete lines of each chunk as one text, with their line feeds. */
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

function isAffected(lines: string): boolean {
  return lines.includes('"base64":"') || printMarks.some(mark => lines.includes(mark))
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
    if (typeof content === 'string' && key === 'base64') {
      const body = Buffer.from(content, 'base64')
      const redacted = await redact(body)
      if (redacted !== body) fields[key] = redacted.toString('base64')
    } else await redactIn(content, redact)
  }
}
