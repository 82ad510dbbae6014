/** golang-migrate, and others with a pair of files a migration: `1_name.up.sql` and `1_name.down.sql`. */
import type { Layout } from './layout.ts'
import { sortedByNumber } from './numbered-files.ts'

const half = /^[^/]*\.(?:up|down)\.sql$/

export const upDownFiles: Layout = {
  tool: 'golang-migrate',
  naming: '000001_name.up.sql and 000001_name.down.sql',
  mark: ({ files }) => files.find(file => half.test(file)),
  owns: file => half.test(file),
  read: folder => {
    const ups = folder.files.filter(file => half.test(file) && file.endsWith('.up.sql'))
    const sorted = sortedByNumber(folder.path, ups, /^(\d+)(?:[_-].*)?\.up\.sql$/)
    return Promise.all(sorted.map(file => folder.read(file)))
  },
}
