/** Prisma, Drizzle 1.0, Diesel and Hasura: a folder a migration, with `migration.sql`, or `up.sql` and `down.sql`. */
import path from 'node:path'
import type { Layout } from './layout.ts'

const script = /^[^/]+\/(?:migration|up)\.sql$/

export const migrationPerFolder: Layout = {
  tool: 'Prisma or Diesel',
  naming: '20240101000000_name/migration.sql or 20240101000000_name/up.sql',
  mark: ({ files }) => files.find(file => script.test(file)),
  owns: file => script.test(file) || /^[^/]+\/down\.sql$/.test(file),
  read: folder => {
    const scripts = folder.files.filter(file => script.test(file))
    const incomplete = folder.files.find(
      file => /^\d[^/]*\//.test(file) && !scripts.some(other => path.dirname(other) === file.split('/')[0]),
    )
    if (incomplete) {
      throw new Error(
        `The migration ${folder.pathOf(path.dirname(incomplete))} has no migration.sql. Add it, or remove the folder.`,
      )
    }
    // By the names of the folders: in those of the files, `a-b/` would come before `a/`.
    const byFolder = scripts.sort((one, other) => (path.dirname(one) < path.dirname(other) ? -1 : 1))
    return Promise.all(byFolder.map(file => folder.read(file)))
  },
}
