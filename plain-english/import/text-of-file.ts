/** Decodes a file of another tool. */
import { ImportError } from './imported.ts'

/** What begins with these bytes is unpacked before its content can be imported. */
const archives: readonly [bytes: readonly number[], name: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive'],
  [[0x1f, 0x8b], 'compressed by gzip'],
]

/** As UTF-8, or as UTF-16 with a byte order mark, which PowerShell's `>` writes. Throws an `ImportError` if it is no text. */
export function textOfFile(content: Uint8Array, file: string): string {
  const beginsWith = (bytes: readonly number[]) => bytes.every((byte, index) => content[index] === byte)
  const archive = archives.find(([bytes]) => beginsWith(bytes))
  if (archive) throw new ImportError(`${file} is ${archive[1]}: unpack it, and import a file of it.`)
  const encoding = beginsWith([0xff, 0xfe]) ? 'utf-16le' : beginsWith([0xfe, 0xff]) ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(content)
    if (!text.includes('\0')) return text
  } catch {
    // Not text in this encoding.
  }
  throw new ImportError(`${file} is no text: export it as a text file, or save it as UTF-8.`)
}
