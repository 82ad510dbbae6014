/** The end of what a process prints, however much it prints. */
import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

const kept = 16_384

/** Reads the streams to their ends; the result gives the last of what came so far. */
export function lastWordsOf(...streams: (Readable | null)[]): () => string {
  let words = Buffer.alloc(0)
  let isCut = false
  for (const stream of streams) {
    stream?.on('data', (chunk: Buffer) => {
      isCut ||= words.length + chunk.length > kept
      words = Buffer.concat([words, chunk.subarray(-kept)]).subarray(-kept)
    })
    stream?.on('error', () => undefined)
  }
  return () => `${isCut ? '…' : ''}${stripVTControlCharacters(words.toString()).trim()}`
}
