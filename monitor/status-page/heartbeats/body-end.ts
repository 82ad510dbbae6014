/** Reads the end of a request's body: of a job's output, that is where its errors stand. */
import type { Readable } from 'node:stream'

/** Returns the last bytes of the body, at most `kept`; undefined if it has more than `most`. Rejects if it breaks off. */
export async function bodyEnd(
  request: Readable,
  { kept, most }: { kept: number; most: number },
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let [total, held] = [0, 0]
  // The request can still be answered when it is not read to its end.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    total += chunk.length
    if (total > most) return undefined
    held += chunk.length
    chunks.push(chunk)
    for (let [first] = chunks; first && held - first.length >= kept; [first] = chunks) {
      held -= first.length
      chunks.shift()
    }
  }
  return Buffer.concat(chunks).subarray(-kept)
}
