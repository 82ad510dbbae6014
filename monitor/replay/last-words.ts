/** The end of what a process prints, however much it prints. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'

/** In characters. */
const kept = 16_384

/**
 * Reads the streams to their ends; the result gives the last of what came so far. The lines of several streams stay in their
 * order and whole, so that a secret that one of them prints in several writes can be found.
 */
export function lastWordsOf(...streams: (Readable | null)[]): () => string {
  let words = ''
  let isCut = false
  const add = (text: string) => {
    isCut ||= words.length + text.length > kept
    words = lastOf(words + lastOf(text))
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
  return () => {
    for (const line of unfinished) {
      add(line.text)
      line.text = ''
    }
    return `${isCut ? '…' : ''}${stripVTControlCharacters(words).trim()}`
  }
}

/** Without half of a character at its beginning. */
function lastOf(text: string): string {
  return text.slice(-kept).replace(/^[\uDC00-\uDFFF]/, '')
}
