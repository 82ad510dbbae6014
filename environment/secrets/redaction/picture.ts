/** Pictures, films and printed pages: what they show nobody can redact, so that something else takes their place. */

const beginnings = [
  [0, Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  [0, Buffer.from([0xff, 0xd8, 0xff])],
  [0, Buffer.from('GIF8')],
  [0, Buffer.from('%PDF')],
  // WebM.
  [0, Buffer.from([0x1a, 0x45, 0xdf, 0xa3])],
  // WebP, and MP4 with its relatives.
  [8, Buffer.from('WEBP')],
  [4, Buffer.from('ftyp')],
] as const

/** Whether the first bytes are those of a picture, a film or a printed page. */
export function isPicture(bytes: Buffer): boolean {
  return beginnings.some(([at, beginning]) => bytes.subarray(at, at + beginning.length).equals(beginning))
}

/** One transparent dot. */
export const blank = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
