import path from 'node:path'

/**
 * The environment of a process that a test starts: without the variables of the Playwright worker that this process is, of
 * npm, and of Reprise, so that it runs as a user's own command does.
 */
export function childEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name))),
    NO_COLOR: '1',
    NODE_OPTIONS: withCompileCache,
    ...more,
  }
}

/** For `NODE_OPTIONS` of a process that is or starts Playwright. */
export const withCompileCache = `--require=${JSON.stringify(path.join(import.meta.dirname, 'compile-cache/preload.cjs'))}`

const inherited =
  /^(TEST_|PW_|PLAYWRIGHT_(?!BROWSERS_PATH)|npm_|REPRISE_|DATABASE_URL$|NODE_OPTIONS$|FORCE_COLOR$|DEBUG)/
