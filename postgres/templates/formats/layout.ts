/** A migration tool that is recognised by the names of its files. */
import type { SqlFile } from '../sql-file.ts'
import type { MigrationFolder } from './migration-folder.ts'

export interface Layout {
  /** For messages. */
  readonly tool: string
  /** For messages: how the tool's files are named. */
  readonly naming: string
  /** The file by which the folder is recognised. */
  mark(folder: MigrationFolder): string | undefined
  /** Whether the tool knows the file, also if it does not run it. */
  owns(file: string): boolean
  /** Reads what migrates up, in the tool's order. */
  read(folder: MigrationFolder): Promise<SqlFile[]>
}
