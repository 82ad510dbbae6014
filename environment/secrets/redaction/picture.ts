/** Recognizes pictures, videos and PDFs, whose content cannot be redacted and is replaced by a blank picture. */

const beginnings = [
  [0, Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  [0, Buffer.from([0xff, 0xd8, 0xff])],
  [0, Buffer.from('GIF8')],
  [0, Buffer.from('%PDF')],
  // WebM.
  [0, Buffer.from([0x1a, 0x45, 0xdf, 0xa3])],
  // WebP, and MP4 and related formats.
  [8, Buffer.from('WEBP')],
  [4, Buffer.from('ftyp')],
] as const

/** Whether the first bytes are those of a picture, a video or a PDF. */
export function isPicture(bytes: Buffer): boolean {
  return beginnings.some(([at, beginning]) => bytes.subarray(at, at + beginning.length).equals(beginning))
}

/** A PNG of one transparent pixel. */
export const blank = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
