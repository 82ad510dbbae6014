/** Names the disk that is full, where that is why something could not be written. */
import { isDiskFull } from '../../postgres/free-space.ts'

/** Returns the error itself where there is room in the folder. */
export async function noRoom(error: unknown, folder: string): Promise<unknown> {
  // Playwright does not report the code.
  const isFull = Object(error).code === 'ENOSPC' || (await isDiskFull(folder))
  if (!isFull) return error
  return new Error(`There is no room left on the disk of ${folder}: free some space there.`, { cause: error })
}
