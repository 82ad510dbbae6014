/** Reads a folder of migrations: the SQL files that a tool would run, in its order. */
import { readMarkedFiles } from './formats/marked-files.ts'
import { MigrationFolder } from './formats/migration-folder.ts'
import type { SqlFile } from './sql-file.ts'

/**
 * Reads plain files, `001_name.sql`, sorted by number, and those of tools that mark the half to run. Throws an error for a
 * missing or empty folder, and for files of several tools.
 */
export async function readMigrations(path: string): Promise<SqlFile[]> {
  const folder = await MigrationFolder.open(path)
  if (folder.sqlFiles.length > 0) return readMarkedFiles(folder)
  throw new Error(`The migrations folder ${path} has no .sql file. Add one, named like 001_users.sql.`)
}
