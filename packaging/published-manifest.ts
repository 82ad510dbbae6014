/** Creates the package's `package.json` from the project's. */
import { compiledFile, requiredFile } from './entry-points.ts'

export interface Manifest {
  name: string
  version: string
  description: string
  license: string
  type: string
  engines: { node: string }
  exports: Record<string, string>
  dependencies: Record<string, string>
  /** Packages of which a project may have one copy only, and large ones that not every project needs. */
  peerDependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional: boolean }>
}

type Published = Omit<Manifest, 'exports'> & {
  bin: Record<string, string>
  exports: Record<string, { types: string; require: string; default: string } | string>
  main: string | undefined
  typesVersions: { '*': Record<string, string[]> }
}

// Not in the project's package.json: there it would name a file that not every version of Node runs.
const bin = { reprise: './cli/bin.cjs' }

/** `bin` and `exports` refer to the compiled files. Scripts and development dependencies are left out. */
export function publishedManifest(manifest: Manifest): Published {
  const { name, version, description, license, type, engines, dependencies } = manifest
  const { peerDependencies, peerDependenciesMeta } = manifest
  const entries = Object.entries(manifest.exports).map(([name, file]) => {
    const compiled = compiledFile(file)
    const types = file.replace(/\.ts$/, '.d.ts')
    return [name, { types, require: requiredFile(compiled), default: compiled }] as const
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
    ...olderEntries(entries),
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  }
}

/**
 * For TypeScript 5 in a CommonJS project, which does not read `exports` by default: the types beside `main`, and those of the
 * other names.
 */
function olderEntries(entries: readonly (readonly [name: string, files: { types: string; default: string }])[]) {
  const others = entries.filter(([name]) => name !== '.').map(([name, { types }]) => [name.slice(2), [types]])
  return { main: new Map(entries).get('.')?.default, typesVersions: { '*': Object.fromEntries(others) } }
}
