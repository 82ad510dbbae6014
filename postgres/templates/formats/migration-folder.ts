/** The names in a folder of migrations, by which its tool is recognised. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readSqlFile, type SqlFile } from '../sql-file.ts'

export class MigrationFolder {
  readonly path: string
  /** Files and files in folders, sorted by name; relative to the folder, with `/`. */
  readonly files: readonly string[]

  private constructor(folder: string, files: readonly string[]) {
    this.path = folder
    this.files = files
  }

  /** Throws an error with the folder that cannot be read. */
  static async open(folder: string): Promise<MigrationFolder> {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const files = entries
        .filter(entry => !entry.isDirectory())
        .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
      return new MigrationFolder(folder, files.sort())
    } catch (error) {
      throw new Error(
        `The migrations folder ${path.resolve(folder)} cannot be read: ${(error as Error).message}. Check that it exists, and that you can read it.`,
        { cause: error },
      )
    }
  }

  /** The SQL files that stand in the folder itself. */
  get sqlFiles(): string[] {
    return this.files.filter(file => file.endsWith('.sql') && !file.includes('/'))
  }

  pathOf(file: string): string {
    return path.join(this.path, file)
  }

  read(file: string): Promise<SqlFile> {
    return readSqlFile(this.pathOf(file))
  }
}
