/** Finds the configuration that `npx playwright test` would take. */
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'

export interface UserConfig {
  file: string
  /** Whether it counts as an ES module, or else as CommonJS. */
  isModule: boolean
}

/** Undefined if there is none in the folder. */
export async function findUserConfig(folder: string): Promise<UserConfig | undefined> {
  for (const extension of ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs']) {
    const file = path.join(folder, `playwright.config.${extension}`)
    if (await exists(file)) return { file, isModule: await isModule(file) }
  }
  return undefined
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

/** By its extension, or else by the `package.json` that is nearest to it. */
async function isModule(file: string): Promise<boolean> {
  const [kind] = path.extname(file).slice(1)
  if (kind === 'm' || kind === 'c') return kind === 'm'
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) return typeIn(text) === 'module'
    if (folder === path.dirname(folder)) return false
  }
}

/** As in Playwright, a file that is no JSON is ignored. */
function typeIn(manifest: string): unknown {
  try {
    return Object(JSON.parse(manifest)).type
  } catch {
    return undefined
  }
}
