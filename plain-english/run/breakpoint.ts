/** Lets debuggers stop at sentences: each runs below a function at its own line of the file. */
import inspector from 'node:inspector'
import vm from 'node:vm'
import type { Page } from '@playwright/test'

export interface SentencePlace {
  /** An absolute path. */
  file: string
  /** 1-based. */
  line: number
}

/** Names the sentence to stop at, as `FILE:LINE` with an absolute path, or `*` for the first one of each scenario. */
export const pauseVariable = 'REPRISE_PAUSE_AT'

/**
 * Runs a sentence. A debugger that is attached can have a breakpoint at its line. At the sentence that `REPRISE_PAUSE_AT`
 * names, a scenario with a page opens Playwright's inspector, and any other waits for a debugger, whose address it prints.
 */
export async function atSentence(
  place: SentencePlace,
  text: string,
  page: Page | undefined,
  isFirst: boolean,
  run: () => Promise<void>,
): Promise<void> {
  const isAsked = isPausedAt(place, isFirst)
  if (isAsked && page) await page.pause()
  else if (isAsked) waitForDebugger(place, text)
  if (!isDebugged()) await run()
  else await stoppable(place, isAsked && !page)(run)
}

/** Whether a debugger is attached, or can be. */
export function isDebugged(): boolean {
  return inspector.url() !== undefined
}

function isPausedAt({ file, line }: SentencePlace, isFirst: boolean): boolean {
  const asked = process.env[pauseVariable]
  return asked !== undefined && (asked === `${file}:${line}` || (asked === '*' && isFirst))
}

function waitForDebugger({ file, line }: SentencePlace, text: string): void {
  if (!isDebugged()) inspector.open(0, '127.0.0.1')
  process.stderr.write(`Waiting for a debugger at ${file}:${line}: ${text}\n  ${inspector.url()}\n`)
  inspector.waitForDebugger()
}

/** A function whose code is at the line of the sentence, from its first column, where editors set breakpoints. */
function stoppable({ file, line }: SentencePlace, stops: boolean): (run: () => Promise<void>) => Promise<void> {
  const code = stops ? 'run => { debugger; return run() }' : 'run => run()'
  return new vm.Script(code, { filename: file, lineOffset: line - 1 }).runInThisContext()
}
