/**
 * Skips source maps for stack traces without a line of a spec: Playwright takes dozens of stack traces a test, most of them of
 * itself alone.
 */

/** Wraps what maps the stack traces of this process, if anything does. */
export function quickenStackTraces(): void {
  const mapped = Error.prepareStackTrace
  if (!mapped) return
  const unmapped = new Map<string, boolean>()
  /** Playwright's own files, and Node's, have no source maps. */
  const isUnmapped = (frame: NodeJS.CallSite) => {
    const file = frame.getFileName()
    if (!file) return true
    const known = unmapped.get(file)
    if (known !== undefined) return known
    const answer = file.startsWith('node:') || ownFile.test(file)
    unmapped.set(file, answer)
    return answer
  }
  Error.prepareStackTrace = (error, frames) =>
    frames.every(isUnmapped)
      ? [`${error.name || 'Error'}: ${error.message}`, ...frames.map(frame => `    at ${frame}`)].join('\n')
      : mapped(error, frames)
}

const ownFile = /[\\/]node_modules[\\/](@playwright|playwright|playwright-core)[\\/]/
