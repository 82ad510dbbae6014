/** Shows progress in the last line of a terminal, and erases it afterwards. */
import type { WriteStream } from 'node:tty'

export interface ProgressLine {
  show(text: string): void
  clear(): void
}

/** Does nothing if the stream is not a terminal. */
export function progressLine(stream: WriteStream): ProgressLine {
  let isShown = false
  const clear = () => {
    if (isShown) stream.write('\r\u001b[2K')
    isShown = false
  }
  return {
    clear,
    show: text => {
      if (!stream.isTTY) return
      clear()
      // Some terminals do not report their width.
      stream.write(text.slice(0, Math.max(10, (stream.columns || 80) - 1)))
      isShown = true
    },
  }
}
