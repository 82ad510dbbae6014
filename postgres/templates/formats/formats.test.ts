import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestInfo } from '@playwright/test'
import { expect, test } from '../../../testing/test.ts'
import { readMigrations } from '../migrations.ts'

/** What is run of a folder: `file: SQL`, with `*` for statement by statement. */
const runs: Record<string, { files: Record<string, string>; run: string[] }> = {
  'dbmate: the up halves, sorted by name': {
    files: {
      '9_nine.sql': '-- migrate:up\nup nine;\n-- migrate:down\ndown nine;\n',
      '10_ten.sql':
        '-- comment\n\n--migrate:up transaction:false\r\nup ten;\r\n-- migrate:down transaction:false\r\ndown ten;',
      '11.more.sql':
        '/* two\n halves */\n-- migrate:up\na;\n-- migrate:down\nb;\n-- migrate:up\nc;\n-- migrate:down\nd;',
    },
    run: [
      '10_ten.sql*: --migrate:up transaction:false up ten;',
      '11.more.sql: -- migrate:up a;',
      '11.more.sql: -- migrate:up c;',
      '9_nine.sql: -- migrate:up up nine;',
    ],
  },
  'goose: the up halves, sorted by number, beside the package that embeds them': {
    files: {
      '9_nine.sql':
        '-- +goose Up\n-- +goose StatementBegin\nup nine;\n-- +goose StatementEnd\n-- +goose Down\ndown nine;\n',
      '10_ten.sql': '-- +goose NO TRANSACTION\n-- +goose up\nup ten;',
      'embed.go': 'package migrations\n//go:embed *.sql',
    },
    run: [
      '9_nine.sql: -- +goose Up -- +goose StatementBegin up nine; -- +goose StatementEnd',
      '10_ten.sql*: -- +goose up up ten;',
    ],
  },
  'sql-migrate: the up halves, numbers first': {
    files: {
      'b.sql': '-- +migrate Up\nup b;\n-- +migrate Down\ndown b;\n',
      '10_ten.sql': '-- +migrate Up notransaction\nup ten;',
      '9_nine.sql': '-- +migrate Down\ndown nine;\n-- +migrate Up\nup nine;',
      '9_again.sql': '-- +migrate Up\nup again;',
    },
    run: [
      '9_again.sql: -- +migrate Up up again;',
      '9_nine.sql: -- +migrate Up up nine;',
      '10_ten.sql*: -- +migrate Up notransaction up ten;',
      'b.sql: -- +migrate Up up b;',
    ],
  },
  'node-pg-migrate: the up halves, and files without marks': {
    files: {
      '1_one.sql': '-- Up Migration\nup one;\n\n-- Down Migration\ndown one;\n',
      '2_two.sql': 'up two;',
    },
    run: ['1_one.sql: -- Up Migration up one;', '2_two.sql: up two;'],
  },
  'tern: what stands above the line': {
    files: { '001_one.sql': 'up one;\n---- create above / drop below ----\ndown one;\n', '002_two.sql': 'up two;' },
    run: ['001_one.sql: up one;', '002_two.sql: up two;'],
  },
  'golang-migrate: the up files, sorted by number': {
    files: {
      '10_ten.up.sql': 'up ten',
      '9_nine.up.sql': 'up nine',
      '9_nine.down.sql': 'down nine',
      '11_more.tx.up.sql': 'up more',
    },
    run: ['9_nine.up.sql: up nine', '10_ten.up.sql: up ten', '11_more.tx.up.sql: up more'],
  },
  'Flyway: versions part by part, then what is repeatable, by description; never to undo': {
    files: {
      'V10__ten.sql': 'ten',
      'V1.10__more.sql': 'more',
      'later/V1_2__two.sql': 'two',
      'V1__one.sql': 'one',
      'U1__one.sql': 'undo',
      'R__b_view.sql': 'b',
      'R__a_view.sql': 'a',
      'V1__one.sql.conf': 'executeInTransaction=true',
    },
    run: [
      'V1__one.sql: one',
      'later/V1_2__two.sql: two',
      'V1.10__more.sql: more',
      'V10__ten.sql: ten',
      'R__a_view.sql: a',
      'R__b_view.sql: b',
    ],
  },
  'Flyway: the latest baseline, and what is later': {
    files: { 'V1__a.sql': 'a', 'V2__b.sql': 'b', 'B1__old.sql': 'old', 'B2.0__base.sql': 'base', 'V3__c.sql': 'c' },
    run: ['B2.0__base.sql: base', 'V3__c.sql: c'],
  },
  'Prisma: a folder a migration, sorted by the names of the folders': {
    files: {
      'migration_lock.toml': 'provider = "postgresql"',
      '2024_a/migration.sql': 'a',
      '2024/migration.sql': 'first',
      '2024_a-b/migration.sql': 'b',
    },
    run: ['2024/migration.sql: first', '2024_a/migration.sql: a', '2024_a-b/migration.sql: b'],
  },
  'Diesel: the up files': {
    files: { '00_setup/up.sql': 'setup', '00_setup/down.sql': 'undo', '2024-01-01_one/up.sql': 'one' },
    run: ['00_setup/up.sql: setup', '2024-01-01_one/up.sql: one'],
  },
  "Drizzle: in the journal's order": {
    files: {
      'meta/_journal.json': JSON.stringify({
        entries: [
          { idx: 0, tag: '0001_b' },
          { idx: 1, tag: '0000_a' },
        ],
      }),
      'meta/0000_snapshot.json': '{}',
      '0000_a.sql': 'a;\n--> statement-breakpoint\nb',
      '0001_b.sql': 'c',
    },
    run: ['0001_b.sql: c', '0000_a.sql: a; --> statement-breakpoint b'],
  },
  'Drizzle: by number with an empty journal': {
    files: { 'meta/_journal.json': '{}', '0000_a.sql': 'a', '0001_b.sql': 'b' },
    run: ['0000_a.sql: a', '0001_b.sql: b'],
  },
  'plain files, and no others in folders': {
    files: {
      '001_a.sql': 'a',
      'down/001_a.sql': 'undo a',
      '.old/001_a.sql': 'old a',
      'views/users.sql': 'b',
      'seeds/01_users.sql': 'rows',
    },
    run: ['001_a.sql: a'],
  },
  'plain files, with a program and a comment that mentions a rollback': {
    files: { '001_a.sql': '-- Rollback\n-- drop table a;\ncreate table a ();', 'migrate.ts': "import 'pg'" },
    run: ['001_a.sql: -- Rollback -- drop table a; create table a ();'],
  },
}

for (const [title, { files, run }] of Object.entries(runs)) {
  test(`runs ${title}`, async ({}, info) => {
    const folder = await folderWith(info, files)
    const read = await readMigrations(folder)
    expect(
      read.map(({ path: file, sql, byStatement }) => {
        const name = path.relative(folder, file).replaceAll(path.sep, '/')
        return `${name}${byStatement ? '*' : ''}: ${sql.trim().replace(/\s+/g, ' ')}`
      }),
    ).toEqual(run)
    // Positions of errors are those in the file.
    for (const { path: file, sql } of read) {
      const original = files[path.relative(folder, file).replaceAll(path.sep, '/')] ?? ''
      const start = sql.search(/\S/)
      expect(original.slice(start, start + 5)).toBe(sql.slice(start, start + 5))
    }
  })
}

const refused: Record<string, { files: Record<string, string>; message: RegExp }> = {
  'marks of two tools': {
    files: { '1_a.sql': '-- migrate:up\na', '2_b.sql': '-- +goose Up\nb' },
    message: /1_a\.sql has a mark of dbmate, and \S+2_b\.sql one of goose\. A folder holds the migrations of one tool/,
  },
  'a file without the marks of the others': {
    files: { '1_a.sql': '-- migrate:up\na', '2_b.sql': 'b' },
    message:
      /2_b\.sql has no line "-- migrate:up", but \S+1_a\.sql has a mark of dbmate, which runs only what is marked/,
  },
  'a statement above the first mark': {
    files: { '1_a.sql': '-- a\n\nselect 1;\n-- +goose Up\na' },
    message: /1_a\.sql:3: this line stands before the first mark of goose, "-- \+goose Up", which does not run it/,
  },
  'a half to undo alone': {
    files: { '1_a.sql': '-- +migrate Down\na' },
    message: /1_a\.sql has a line "-- \+migrate Down", but no line "-- \+migrate Up"/,
  },
  'variables of goose': {
    files: { '1_a.sql': '-- +goose Up\n-- +goose ENVSUB ON\na' },
    message: /1_a\.sql:2: only goose can replace variables\..*migrations: \{ command: 'goose \.\.\. up' \}/,
  },
  'the mark of an unknown tool': {
    files: { '1_a.sql': 'create table a ();\n-- rambler down\ndrop table a;' },
    message: /1_a\.sql:2: "-- rambler down" looks like the mark above a half that undoes the migration/,
  },
  'a plain file beside pairs of files': {
    files: { '1_a.up.sql': 'a', '2_b.sql': 'b' },
    message: /1_a\.up\.sql is a file of golang-migrate, but \S+2_b\.sql is not\..*named like 000001_name\.up\.sql/,
  },
  'files of two tools': {
    files: { 'V1__a.sql': 'a', '2024_a/migration.sql': 'b' },
    message: /2024_a\/migration\.sql is a file of Prisma or Diesel, but \S+V1__a\.sql is not/,
  },
  'two files of one version': {
    files: { 'V1__a.sql': 'a', 'V1.0__b.sql': 'b' },
    message: /have one version: V1\.0__b\.sql and V1__a\.sql|have one version: V1__a\.sql and V1\.0__b\.sql/,
  },
  'placeholders of Flyway': {
    files: { 'V1__a.sql': `create table a ();\ncreate table \${schema}.b ();` },
    message: /V1__a\.sql:2: \$\{schema\} is a placeholder.*migrations: \{ command: 'flyway \.\.\. migrate' \}/,
  },
  'callbacks of Flyway': {
    files: { 'V1__a.sql': 'a', 'afterMigrate.sql': 'b' },
    message: /afterMigrate\.sql is a callback of Flyway/,
  },
  'a folder of a migration without its file': {
    files: { '2024_a/migration.sql': 'a', '2025_b/README.md': 'b' },
    message: /2025_b has no migration\.sql/,
  },
  'a file that the journal does not list': {
    files: { 'meta/_journal.json': '{"entries":[{"tag":"0000_a"}]}', '0000_a.sql': 'a', '0001_b.sql': 'b' },
    message: /0001_b\.sql is not listed in \S+_journal\.json, so that Drizzle does not run it/,
  },
  'migrations of Knex': {
    files: { '20240101_a.js': 'exports.up = knex => knex.schema.createTable()' },
    message:
      /20240101_a\.js is a migration in code, which looks like one of Knex: only Knex can run it\. Write migrations: \{ command: 'npx knex migrate:latest' \}/,
  },
  'migrations of TypeORM': {
    files: { '1700000000000-A.ts': 'export class A implements MigrationInterface {}', 'index.ts': '' },
    message: /npx typeorm migration:run -d/,
  },
  'migrations of Sequelize': {
    files: { '20240101-a.js': 'module.exports = { up: (queryInterface) => {} }' },
    message: /npx sequelize-cli db:migrate --url "\$DATABASE_URL"/,
  },
  'migrations of node-pg-migrate in code beside those in SQL': {
    files: { '1_a.sql': '-- Up Migration\na', '2_b.js': 'exports.up = pgm => pgm.createTable()' },
    message: /2_b\.js is a migration in code, which looks like one of node-pg-migrate/,
  },
  'migrations of goose in Go beside those in SQL': {
    files: { '1_a.sql': '-- +goose Up\na', '2_b.go': 'import "github.com/pressly/goose/v3"' },
    message: /2_b\.go is a migration in code, which looks like one of goose/,
  },
  'migrations of Rails': {
    files: { '20240101000000_a.rb': 'class A < ActiveRecord::Migration[7.1]' },
    message: /bin\/rails db:migrate/,
  },
  'migrations of an unknown tool': {
    files: { 'first.ts': 'export const up = () => {}' },
    message:
      /first\.ts is a migration in code: only its tool can run it\. Write migrations: \{ command: 'COMMAND OF THE TOOL' \}/,
  },
  'a file whose name ends in upper case': {
    files: { '001_a.sql': 'a', '002_b.SQL': 'b' },
    message: /002_b\.SQL would not be run: its name does not end in \.sql, in lower case\. Rename it\./,
  },
  'a numbered file in a folder beside plain files': {
    files: { '001_a.sql': 'a', 'v2/002_b.sql': 'b' },
    message: /v2\/002_b\.sql would not be run: it stands in a folder within that of the migrations\. Move it up/,
  },
  'a numbered file in a folder beside pairs of files': {
    files: { '1_a.up.sql': 'a', 'v2/2_b.up.sql': 'b' },
    message: /v2\/2_b\.up\.sql would not be run: it stands in a folder/,
  },
  'the folder above': {
    files: { 'schema.prisma': '', 'migrations/2024_a/migration.sql': 'a' },
    message: /has no \.sql file\. Is \S+migrations\/migrations the right one\?/,
  },
}

for (const [title, { files, message }] of Object.entries(refused)) {
  test(`refuses ${title}`, async ({}, info) => {
    await expect(readMigrations(await folderWith(info, files))).rejects.toThrow(message)
  })
}

async function folderWith(info: TestInfo, files: Record<string, string>): Promise<string> {
  const folder = info.outputPath('migrations')
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  return folder
}
