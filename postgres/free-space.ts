/** Tells whether a disk is full: those who write to it say so in many ways, and some not at all. */
import { statfs } from 'node:fs/promises'

/** With less than that a Postgres does not start after a crash, in bytes. */
const least = 16 * 1024 ** 2

/** @param place Of a folder or a file on it. False where the system does not tell. */
export async function isDiskFull(place: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(place)
    return bavail * bsize < least
  } catch {
    return false
  }
}
