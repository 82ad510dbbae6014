/** The environment variables of a Playwright process that replays. */
import { tmpdir } from 'node:os'
import path from 'node:path'

/** @param scratch Where it may write; only the owner can read it, and it is removed. */
export function childEnvironment(env: NodeJS.ProcessEnv, baseURL: string, scratch: string): NodeJS.ProcessEnv {
  const user = process.platform === 'win32' ? '' : `-${process.geteuid?.()}`
  // With the variables of a Playwright worker, this process would behave as one; and the monitor's own variables are not
  // for specs.
  const foreign =
    /^(TEST_WORKER_INDEX|TEST_PARALLEL_INDEX|PW_.*|PWTEST_.*|PWDEBUG|REPRISE_RUN|REPRISE_ENDS_WORKER|REPRISE_MOVED_TESTS|REPRISE_SIGNS_OF_LIFE|REPRISE_MONITOR_DATABASE_URL|REPRISE_OPERATOR_TOKEN|PLAYWRIGHT_.*_OUTPUT_.*)$/
  const kept = Object.entries(env).filter(([name]) => !foreign.test(name))
  return {
    ...Object.fromEntries(kept),
    // Playwright's cache of transformed source files is kept from run to run, where Playwright itself keeps it.
    PLAYWRIGHT_TRANSFORM_CACHE_DIR:
      env.PLAYWRIGHT_TRANSFORM_CACHE_DIR ?? path.join(tmpdir(), `playwright-transform-cache${user}`),
    // Likewise Node's compile cache, which versions before 22 do not have.
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? path.join(tmpdir(), 'node-compile-cache'),
    TMPDIR: scratch,
    TEMP: scratch,
    TMP: scratch,
    REPRISE_TARGET: baseURL,
    PLAYWRIGHT_HTML_OPEN: 'never',
  }
}
