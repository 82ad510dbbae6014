/** Drizzle: `meta/_journal.json` lists the files in their order. */
import { readFile } from 'node:fs/promises'
import type { Layout } from './layout.ts'
import { sortedByNumber } from './numbered-files.ts'

const journal = 'meta/_journal.json'

export const drizzle: Layout = {
  tool: 'Drizzle',
  naming: '0000_name.sql, and listed in meta/_journal.json',
  mark: ({ files }) => files.find(file => file === journal),
  owns: file => !file.includes('/'),
  read: async folder => {
    const listed = listedIn(await readFile(folder.pathOf(journal), 'utf8'), folder.pathOf(journal))
    // A new folder's journal is empty.
    if (listed.length === 0) {
      return Promise.all(sortedByNumber(folder.path, folder.sqlFiles).map(file => folder.read(file)))
    }
    const missing = folder.sqlFiles.find(file => !listed.includes(file))
    if (missing) {
      throw new Error(
        `${folder.pathOf(missing)} is not listed in ${folder.pathOf(journal)}, so that Drizzle does not run it. ` +
          'Make it by drizzle-kit generate --custom, or move it out of the folder.',
      )
    }
    return Promise.all(listed.map(file => folder.read(file)))
  },
}

function listedIn(text: string, file: string): string[] {
  try {
    const entries: { tag: string }[] = JSON.parse(text).entries ?? []
    return entries.map(({ tag }) => `${tag}.sql`)
  } catch (error) {
    throw new Error(`Drizzle's journal ${file} cannot be read: ${(error as Error).message}.`, { cause: error })
  }
}
