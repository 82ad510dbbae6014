/** Assigns tests to checks by one regular expression, which Playwright (`grep`), the fixtures and the reporter share. */
import path from 'node:path'
import type { Replay } from '../environment.ts'

interface SelectableTest {
  /** An absolute path. */
  file: string
  /** The titles of its describe blocks and of the test. */
  titles: readonly string[]
  /** With `@`. */
  tags: readonly string[]
}

/** `e2e/users.spec.ts adding a user answers 201 @smoke`: the text that Playwright's grep matches, except for the order of tags. */
function selectionTitle({ file, titles, tags }: SelectableTest, rootDir: string): string {
  return [path.relative(rootDir, file).split(path.sep).join('/'), ...titles, ...tags].join(' ')
}

/** Returns the replays that a test belongs to: none, one, or several if checks overlap. */
export type Selector = (test: SelectableTest, rootDir: string) => Replay[]

export function selectorOf(replays: readonly Replay[]): Selector {
  const compiled = replays.map(replay => ({ replay, pattern: new RegExp(replay.pattern.source, replay.pattern.flags) }))
  return (test, rootDir) => {
    const title = selectionTitle(test, rootDir)
    return compiled.filter(({ pattern }) => pattern.test(title)).map(({ replay }) => replay)
  }
}
