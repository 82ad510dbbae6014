/** Writes the configuration of one Playwright process into the scratch folder. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plan } from './plan.ts'
import type { UserConfig } from './user-config.ts'

/** Returns the file. @param user The user's own configuration, if there is one. */
export async function writeConfig(scratch: string, plan: Plan, user: UserConfig | undefined): Promise<string> {
  // Nothing in a folder of this name is compiled by Playwright, which would load a compiler for this one file.
  const place = path.join(scratch, 'node_modules/reprise-replay')
  await mkdir(place, { recursive: true, mode: 0o700 })
  const file = path.join(place, 'playwright.config.mjs')
  const lines = [
    `import { replayConfig } from ${url(path.join(import.meta.dirname, 'child', replayConfig))}`,
    userImport(user),
    `const plan = ${JSON.stringify(plan)}`,
    `export default replayConfig(plan, user.default ?? user, ${JSON.stringify(user?.file)})`,
  ]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return file
}

const replayConfig = `replay-config${path.extname(import.meta.filename)}`

function userImport(user: UserConfig | undefined): string {
  if (!user) return 'const user = {}'
  if (user.isModule) return `import * as user from ${url(user.file)}`
  // Playwright compiles what is required; Node would import it as it is.
  return `import { createRequire } from 'node:module'
const user = createRequire(import.meta.url)(${JSON.stringify(user.file)})`
}

function url(file: string): string {
  return JSON.stringify(pathToFileURL(file).href)
}
