/** The last line of a terminal, which tells what goes on and leaves no trace. */
import type { WriteStream } from 'node:tty'

export interface ProgressLine {
  show(text: string): void
  clear(): void
}

/** Does nothing where there is no terminal. */
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
      // Some terminals do not say how wide they are.
      stream.write(text.slice(0, Math.max(10, (stream.columns || 80) - 1)))
      isShown = true
    },
  }
}
