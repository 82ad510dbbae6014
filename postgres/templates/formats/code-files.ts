/** Recognizes migrations that are written in a programming language: only their tool can run them. */
import { readFile } from 'node:fs/promises'
import type { MigrationFolder } from './migration-folder.ts'

interface Tool {
  readonly name: string
  readonly file: RegExp
  /** A word in such a file. */
  readonly text: RegExp
  readonly command: string
}

const javascript = /\.[cm]?[jt]s$/

/** The first one that fits a file. Each command reads DATABASE_URL, or a configuration that can. */
const tools: readonly Tool[] = [
  { name: 'node-pg-migrate', file: javascript, text: /\bpgm\b/, command: 'npx node-pg-migrate up' },
  {
    name: 'Sequelize',
    file: javascript,
    text: /\bqueryInterface\b/i,
    command: 'npx sequelize-cli db:migrate --url "$DATABASE_URL"',
  },
  {
    name: 'TypeORM',
    file: javascript,
    text: /\bMigrationInterface\b|\bqueryRunner\b/,
    command: 'npx typeorm migration:run -d DATA_SOURCE_FILE',
  },
  {
    name: 'MikroORM',
    file: javascript,
    text: /@mikro-orm\/|\bextends Migration\b/,
    command: 'npx mikro-orm migration:up',
  },
  { name: 'Kysely', file: javascript, text: /\bKysely\b/i, command: 'npx kysely migrate latest' },
  { name: 'Knex', file: javascript, text: /\bknex\b/i, command: 'npx knex migrate:latest' },
  { name: 'db-migrate', file: javascript, text: /\bdbmigrate\b|\bdb-migrate\b/i, command: 'npx db-migrate up' },
  { name: 'goose', file: /\.go$/, text: /\bgoose\b/, command: 'go run PROGRAM_WITH_THE_MIGRATIONS' },
  { name: 'Rails', file: /\.rb$/, text: /\bActiveRecord\b/, command: 'bin/rails db:migrate' },
  { name: 'Sequel', file: /\.rb$/, text: /\bSequel\b/, command: 'sequel -m FOLDER "$DATABASE_URL"' },
  { name: 'Django', file: /\.py$/, text: /\bdjango\b/, command: 'python manage.py migrate' },
  { name: 'Alembic', file: /\.py$/, text: /\balembic\b/, command: 'alembic upgrade head' },
  { name: 'Ecto', file: /\.exs$/, text: /\bEcto\b/, command: 'mix ecto.migrate' },
  { name: 'Laravel', file: /\.php$/, text: /\bIlluminate\b/, command: 'php artisan migrate --force' },
  { name: 'Entity Framework', file: /\.cs$/, text: /\bMigrationBuilder\b/, command: 'dotnet ef database update' },
  { name: 'Flyway', file: /\.(java|kt)$/, text: /\bflyway/, command: 'flyway ... migrate' },
]

const code = /\.(?:[cm]?[jt]s|go|rb|py|exs|php|cs|java|kt|rs)$/
const noMigration = /\.d\.[cm]?ts$|[._](?:test|spec)\.\w+$|^(?:index|__init__)\.\w+$/
/** As tools name their migrations: by a number, a date or, Alembic, a hash; Flyway by a version. */
const migrationName = /^(?:\d|Migration\d|[0-9a-f]{8,}_|[VR]\d*_)/

/**
 * Throws an error that names the tool and the setting to write, if there are such migrations. Beside SQL files only what is
 * named like a migration counts: a program that runs the files may stand beside them.
 */
export async function refuseCode(folder: MigrationFolder): Promise<void> {
  const isAlone = !folder.files.some(file => file.endsWith('.sql'))
  const files = folder.files.filter(file => code.test(file) && !file.includes('/') && !noMigration.test(file))
  const file = files.find(name => migrationName.test(name)) ?? (isAlone ? files[0] : undefined)
  if (!file) return
  const text = await readFile(folder.pathOf(file), 'utf8')
  const tool = tools.find(candidate => candidate.file.test(file) && candidate.text.test(text))
  const likeness = tool ? `, which looks like one of ${tool.name}` : ''
  throw new Error(
    `${folder.pathOf(file)} is a migration in code${likeness}: only ${tool ? tool.name : 'its tool'} can run it. ` +
      `Write migrations: { command: '${tool?.command ?? 'COMMAND OF THE TOOL'}' }; the command gets the URL of the database ` +
      'to migrate as DATABASE_URL.',
  )
}
