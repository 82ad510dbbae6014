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

const preloading = (module: string) => `--require=${JSON.stringify(path.join(import.meta.dirname, module))}`

/** For `NODE_OPTIONS` of a process that is or starts Playwright. */
export const withCompileCache = preloading('compile-cache/preload.cjs')

/** The same for a project in CommonJS. */
const withSyncHooks = `${withCompileCache} ${preloading('sync-hooks/preload.cjs')}`

/**
 * CommonJS, which costs less, unless a file uses what only modules have: `import.meta`, or `await` outside of functions.
 * @param files Of a small project, by their names.
 */
export function projectType(files: Readonly<Record<string, string>>): 'commonjs' | 'module' {
  return Object.values(files).some(text => /import\.meta|^(const .*= |\(|if .*)?await /m.test(text))
    ? 'module'
    : 'commonjs'
}

/** Variables of `NODE_OPTIONS` for the processes of a project of this type. */
export const environmentOf = (type: 'commonjs' | 'module'): NodeJS.ProcessEnv =>
  type === 'commonjs' ? { NODE_OPTIONS: withSyncHooks } : {}

const inherited =
  /^(TEST_|PW_|PLAYWRIGHT_(?!BROWSERS_PATH)|npm_|REPRISE_|DATABASE_URL$|NODE_OPTIONS$|FORCE_COLOR$|DEBUG)/
