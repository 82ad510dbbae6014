/** Flyway: versioned migrations by version, then repeatable ones by description; also in subfolders. */
import path from 'node:path'
import type { SqlFile } from '../sql-file.ts'
import { lineAt } from '../sql-file-error.ts'
import type { Layout } from './layout.ts'
import type { MigrationFolder } from './migration-folder.ts'

interface FlywayFile {
  readonly file: string
  readonly prefix: 'V' | 'U' | 'B' | 'R'
  /** Without zeros at the end: 1.0 is 1. Empty for a repeatable migration. */
  readonly version: readonly bigint[]
  readonly description: string
}

/** `V1__name.sql`, `V1.2__name.sql` or `V1_2__name.sql`, `U` to undo and `B` for a baseline; `R__name.sql` is repeatable. */
const name = /^(?:([VUB])(\d+(?:[._]\d+)*)|(R))__(.*)\.sql$/
const remedy = "Have Flyway run the migrations, by the option migrations: { command: 'flyway ... migrate' }."

/** Flyway runs such a file at a point of its work. */
const callback = /^(?:(?:before|after)[A-Z]|createSchema\b).*\.sql$/

export const flyway: Layout = {
  tool: 'Flyway',
  naming: 'V1__name.sql and R__name.sql',
  mark: ({ files }) => files.find(file => parsed(file)),
  owns: file => parsed(file) !== undefined || callback.test(file),
  read: async folder => {
    const called = folder.files.find(file => callback.test(path.posix.basename(file)))
    if (called)
      throw new Error(`${folder.pathOf(called)} is a callback of Flyway, which only Flyway can run. ${remedy}`)
    const found = folder.files.flatMap(file => parsed(file) ?? [])
    const repeatable = found.filter(({ prefix }) => prefix === 'R')
    repeatable.sort((one, other) => (one.description < other.description ? -1 : 1))
    const chosen = [...versioned(folder, found), ...repeatable]
    return Promise.all(chosen.map(({ file }) => readWithoutPlaceholders(folder, file)))
  },
}

function parsed(file: string): FlywayFile | undefined {
  const [, versionedPrefix, version = '', repeatablePrefix, description = ''] =
    name.exec(path.posix.basename(file)) ?? []
  const prefix = versionedPrefix ?? repeatablePrefix
  if (prefix !== 'V' && prefix !== 'U' && prefix !== 'B' && prefix !== 'R') return undefined
  const parts = version === '' ? [] : version.split(/[._]/).map(BigInt)
  while (parts.at(-1) === 0n) parts.pop()
  return { file, prefix, version: parts, description }
}

/** The latest baseline, if there is one, and the later versions. Throws an error for two files of one version. */
function versioned(folder: MigrationFolder, found: readonly FlywayFile[]): FlywayFile[] {
  const [migrations = [], baselines = []] = (['V', 'B'] as const).map(wanted => {
    const files = found.filter(({ prefix }) => prefix === wanted)
    files.sort((one, other) => compareVersions(one.version, other.version))
    for (const [index, file] of files.entries()) {
      const next = files[index + 1]
      if (next && compareVersions(file.version, next.version) === 0) {
        throw new Error(
          `Two migrations in ${folder.path} have one version: ${file.file} and ${next.file}. Give one of them another.`,
        )
      }
    }
    return files
  })
  const baseline = baselines.at(-1)
  if (!baseline) return migrations
  return [baseline, ...migrations.filter(({ version }) => compareVersions(version, baseline.version) > 0)]
}

function compareVersions(one: readonly bigint[], other: readonly bigint[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const [a = 0n, b = 0n] = [one[index], other[index]]
    if (a !== b) return a < b ? -1 : 1
  }
  return 0
}

async function readWithoutPlaceholders(folder: MigrationFolder, name: string): Promise<SqlFile> {
  const file = await folder.read(name)
  const placeholder = /\$\{[^}\n]*\}/.exec(file.sql)
  if (placeholder) {
    throw new Error(
      `${file.path}:${lineAt(file.sql, placeholder.index)}: ${placeholder[0]} is a placeholder, whose value only Flyway's configuration has. ` +
        remedy,
    )
  }
  return file
}
