/** Everything that can be read in a folder, for tests about what must not be there. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'

/** With what is in archives, and in archives that pages hold as base64, as Playwright's report does. */
export async function textsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name))
  return (await Promise.all(files.map(async file => textsOf(await readFile(file))))).flat()
}

async function textsOf(content: Buffer): Promise<string[]> {
  if (content.subarray(0, 2).toString() === 'PK') {
    const archive = await fromBufferPromise(content)
    const texts: string[] = []
    for await (const entry of archive.eachEntry()) {
      texts.push(entry.fileName, ...(await textsOf(await buffer(await archive.openReadStreamPromise(entry)))))
    }
    return texts
  }
  const text = content.toString()
  const embedded = [...text.matchAll(/data:application\/zip;base64,([\w+/=]+)/g)].map(([, base64 = '']) => base64)
  return [text, ...(await Promise.all(embedded.map(base64 => textsOf(Buffer.from(base64, 'base64'))))).flat()]
}
