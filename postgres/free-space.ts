/** Detects a full disk, which programs report in many ways, and some not at all. */
import { statfs } from 'node:fs/promises'

/** Postgres needs this much free space to start after a crash, in bytes. */
const least = 16 * 1024 ** 2

/** @param place A folder or file on the disk. False where the system does not report free space. */
export async function isDiskFull(place: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(place)
    return bavail * bsize < least
  } catch {
    return false
  }
}
