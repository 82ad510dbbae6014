/** Reads a folder of migrations: the SQL files that a tool would run, in its order. */
import { refuseCode } from './formats/code-files.ts'
import { drizzle } from './formats/drizzle.ts'
import { flyway } from './formats/flyway.ts'
import { readMarkedFiles } from './formats/marked-files.ts'
import { MigrationFolder } from './formats/migration-folder.ts'
import { migrationPerFolder } from './formats/migration-per-folder.ts'
import { upDownFiles } from './formats/up-down-files.ts'
import type { SqlFile } from './sql-file.ts'

const layouts = [drizzle, migrationPerFolder, flyway, upDownFiles]

/**
 * Reads plain files, `001_name.sql`, sorted by number, and the folders of the tools in `formats/`, of which only what migrates
 * up is run. Throws an error for a missing or empty folder, for a file that its tool would not run, for migrations in code, and
 * for files of several tools.
 */
export async function readMigrations(path: string): Promise<SqlFile[]> {
  const folder = await MigrationFolder.open(path)
  await refuseCode(folder)
  const [layout, another] = layouts.filter(({ mark }) => mark(folder) !== undefined)
  if (layout) {
    const other = another?.mark(folder) ?? folder.sqlFiles.find(file => !layout.owns(file))
    if (other === undefined) {
      refuseSkipped(folder, file => layout.owns(file))
      return layout.read(folder)
    }
    throw new Error(
      `${folder.pathOf(layout.mark(folder) ?? '')} is a file of ${layout.tool}, but ${folder.pathOf(other)} is not. ` +
        `A folder holds the migrations of one tool; those of ${layout.tool} are named like ${layout.naming}.`,
    )
  }
  refuseSkipped(folder, file => folder.sqlFiles.includes(file))
  if (folder.sqlFiles.length > 0) return readMarkedFiles(folder)
  const inner = folder.files.some(file => file.startsWith('migrations/'))
  throw new Error(
    `The migrations folder ${path} has no .sql file. ` +
      (inner ? `Is ${folder.pathOf('migrations')} the right one?` : 'Add one, named like 001_users.sql.'),
  )
}

/** In any case, in the folder itself; in a folder within it, where what undoes migrations, or other SQL, may stand, by its number. */
const migration = /^[^/]+\.sql$|\/\d[^/]*\.sql$/i
const otherFolder = /(?:^|\/)(?:\.[^/]*|(?:downs?|undo|rollbacks?|reverts?|seeds?|tests?|fixtures|node_modules))\//i

/** Throws an error for a file that looks like a migration, and that is not run. */
function refuseSkipped(folder: MigrationFolder, isKnown: (file: string) => boolean): void {
  const skipped = folder.files.find(file => migration.test(file) && !otherFolder.test(file) && !isKnown(file))
  if (skipped === undefined) return
  const reason = skipped.endsWith('.sql')
    ? 'it stands in a folder within that of the migrations. Move it up, or out of the folder.'
    : 'its name does not end in .sql, in lower case. Rename it.'
  throw new Error(`${folder.pathOf(skipped)} would not be run: ${reason}`)
}
