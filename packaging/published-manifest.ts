/** Creates the package's `package.json` from the project's. */

export interface Manifest {
  name: string
  version: string
  description: string
  license: string
  type: string
  engines: Record<string, string>
  exports: Record<string, string>
  dependencies: Record<string, string>
}

type Published = Omit<Manifest, 'exports'> & {
  bin: Record<string, string>
  exports: Record<string, { types: string; default: string }>
  peerDependencies: Record<string, string>
}

/** A project may have only one copy of the test runner: tests do not work with another. */
const runner = '@playwright/test'

// Not in the project's package.json: there it would name a file that not every version of Node runs.
const bin = { reprise: './cli/main.js' }

/** `bin` and `exports` refer to the compiled files; the test runner is a peer dependency. */
export function publishedManifest({ exports, dependencies, ...manifest }: Manifest): Published {
  const { name, version, description, license, type, engines } = manifest
  const { [runner]: runnerVersion = '*', ...others } = dependencies
  const entries = Object.entries(exports).map(([name, file]) => {
    return [name, { types: file.replace(/\.ts$/, '.d.ts'), default: file.replace(/\.ts$/, '.js') }] as const
  })
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin,
    exports: Object.fromEntries(entries),
    dependencies: others,
    peerDependencies: { [runner]: runnerVersion },
  }
}
