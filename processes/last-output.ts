/** Keeps the end of what a process prints, however much that is. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'

export interface LastOutput {
  /** The last characters so far, after an ellipsis if there were more. */
  text(): string
  /** How many characters there were before those of `text`. */
  leftOut(): number
  /** Forgets everything so far. */
  restart(): void
}

/**
 * Reads the streams to their ends, and keeps the last `kept` characters. Lines of several streams stay whole and in their
 * order, so that a secret that one of them prints in several writes can be found.
 */
export function lastOutputOf(streams: readonly (Readable | null)[], kept: number): LastOutput {
  let last = ''
  let length = 0
  const add = (text: string) => {
    length += text.length
    last = lastOf(last + lastOf(text, kept), kept)
  }
  const unfinished = streams.map(stream => {
    const decoder = new StringDecoder()
    const line = { text: '' }
    stream?.on('data', (chunk: Buffer) => {
      const text = line.text + decoder.write(chunk)
      const end = text.length > kept ? text.length : text.lastIndexOf('\n') + 1
      add(text.slice(0, end))
      line.text = text.slice(end)
    })
    stream?.on('error', () => undefined)
    return line
  })
  const flush = () => {
    for (const line of unfinished) {
      add(line.text)
      line.text = ''
    }
  }
  return {
    text: () => {
      flush()
      return `${length > kept ? '…' : ''}${stripVTControlCharacters(last).trim()}`
    },
    leftOut: () => {
      flush()
      return length - last.length
    },
    restart: () => {
      flush()
      last = ''
      length = 0
    },
  }
}

/** Drops half a surrogate pair at the beginning. */
function lastOf(text: string, kept: number): string {
  return text.slice(-kept).replace(/^[\uDC00-\uDFFF]/, '')
}
