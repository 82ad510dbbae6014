/** Finds the command line of a project's Playwright, and refuses a version that replays do not work with. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import semver from 'semver'
import { addCommand } from '../../processes/package-manager.ts'

/** Throws one sentence with the remedy if there is none, or another version than the package allows. */
export function playwrightCommandLine(folder: string): string {
  for (const place of [path.join(folder, 'any.js'), import.meta.url]) {
    const { resolve } = createRequire(place)
    try {
      const file = resolve('@playwright/test/cli')
      refuseOther(resolve('@playwright/test/package.json'), folder)
      return file
    } catch (error) {
      // From here, then.
      if (Object(error).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new Error(`@playwright/test is not installed in ${folder}: ${addCommand(folder, ['@playwright/test'])} there.`)
}

function refuseOther(manifest: string, folder: string): void {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
  const own = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'))
  const range: string = own.peerDependencies['@playwright/test']
  if (semver.satisfies(version, range, { includePrerelease: true })) return
  throw new Error(
    `@playwright/test ${version} is installed in ${folder}, and Reprise needs ${range}: ` +
      `${addCommand(folder, ['@playwright/test@latest'])} there.`,
  )
}
