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
  /** Packages of which a project may have one copy only, and large ones that not every project needs. */
  peerDependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional: boolean }>
}

type Published = Omit<Manifest, 'exports'> & {
  bin: Record<string, string>
  exports: Record<string, { types: string; default: string } | string>
}

// Not in the project's package.json: there it would name a file that not every version of Node runs.
const bin = { reprise: './cli/main.js' }

/** `bin` and `exports` refer to the compiled files. Scripts and development dependencies are left out. */
export function publishedManifest(manifest: Manifest): Published {
  const { name, version, description, license, type, engines, dependencies } = manifest
  const { peerDependencies, peerDependenciesMeta } = manifest
  const entries = Object.entries(manifest.exports).map(([name, file]) => {
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
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  }
}
