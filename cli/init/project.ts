/** Reads what a project has already: its package manager, its framework, its migrations, its Playwright. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { z } from 'zod'
import { isWorkspaceRoot, type PackageManager, packageManagerOf } from '../../processes/package-manager.ts'

/** What is read of a `package.json`. */
const manifestSchema = z.object({
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
})

type Manifest = z.infer<typeof manifestSchema>

export interface Project {
  readonly folder: string
  readonly manifest: Manifest
  readonly packageManager: PackageManager
  /** Whether it lists the packages of a workspace, one of which may be the service. */
  readonly isWorkspaceRoot: boolean
  /** The framework of the service, if it is a known one. */
  readonly framework: string | undefined
  /** The name of Playwright's config, if there is one. */
  readonly playwrightConfig: string | undefined
  /** Where its specs are, relative to the folder; undefined if the config computes it. */
  readonly specFolder: string | undefined
  /** A test runner whose default patterns fit Playwright's specs too. */
  readonly otherRunner: 'vitest' | 'jest' | undefined
  /** The configuration of TypeScript that would compile new files at the root too. */
  readonly wideTsconfig: string | undefined
  /** The version of `@playwright/test` that is installed here or further up. */
  readonly playwrightVersion: string | undefined
  /** A command that probably starts the service. */
  readonly appCommand: string | undefined
  /** A path that the sources probably answer without signing in, such as `/health`. */
  readonly readyPath: string | undefined
  readonly migrations: Migrations | undefined
}

/** A folder of SQL files, or the command of a tool. */
export interface Migrations {
  readonly tool: string
  readonly content: string | { readonly command: string }
  /** The folder's name does not say that it has migrations. */
  readonly isGuess?: boolean
  /** The tool's configuration, if it reads another variable than DATABASE_URL: the command might migrate another database. */
  readonly unread?: string | undefined
}

/** Throws one sentence with the remedy for a folder without a valid `package.json`, and for Plug'n'Play. */
export async function readProject(folder: string): Promise<Project> {
  const has = (name: string) => existsSync(path.join(folder, name))
  const manifest = await readManifest(folder)
  const { name: packageManager, root = folder } = packageManagerOf(folder)
  const inRoot = (name: string) => has(name) || existsSync(path.join(root, name))
  if (inRoot('.pnp.cjs') || inRoot('.pnp.loader.mjs')) {
    throw new Error(
      `${folder} uses Yarn's Plug'n'Play, where Postgres and Playwright's processes do not find their files: ` +
        'set "nodeLinker: node-modules" in .yarnrc.yml, run yarn install, and run init again.',
    )
  }
  const packages = { ...manifest.dependencies, ...manifest.devDependencies }
  const playwrightConfig = readdirSync(folder).find(name => /^playwright\.config\.[cm]?[jt]s$/.test(name))
  const python = await pythonRequirements(folder)
  const framework =
    frameworks.find(([name]) => name in packages)?.[1] ??
    pythonFrameworks.find(([name]) => new RegExp(`\\b${name}\\b`, 'i').test(python))?.[1]
  return {
    folder,
    manifest,
    packageManager,
    isWorkspaceRoot: isWorkspaceRoot(folder),
    framework,
    playwrightConfig,
    specFolder: await specFolderOf(folder, playwrightConfig),
    otherRunner: (['vitest', 'jest'] as const).find(name => name in packages),
    wideTsconfig: await findWideTsconfig(folder),
    playwrightVersion: await installedVersion(folder, '@playwright/test'),
    appCommand: appCommandOf(manifest, framework, packageManager, has),
    readyPath: await findReadyPath(folder),
    migrations: await findMigrations(folder, packages),
  }
}

const frameworks = [
  ['next', 'Next.js'],
  ['@nestjs/core', 'NestJS'],
  ['fastify', 'Fastify'],
  ['express', 'Express'],
  ['koa', 'Koa'],
  ['hono', 'Hono'],
] as const

/** Their packages, with the framework's name. */
const pythonFrameworks = [
  ['django', 'Django'],
  ['flask', 'Flask'],
] as const

async function pythonRequirements(folder: string): Promise<string> {
  const texts = ['requirements.txt', 'pyproject.toml', 'Pipfile'].map(name =>
    readFile(path.join(folder, name), 'utf8').catch(() => ''),
  )
  return (await Promise.all(texts)).join('\n')
}

async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, 'package.json')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new Error(`${file} cannot be read: ${error.message}`, { cause: error })
    throw new Error(
      `There is no package.json in ${folder}: run init in the folder of the project, or begin one with npm init -y.`,
      { cause: error },
    )
  })
  let content: unknown
  try {
    // npm accepts a byte order mark.
    content = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}. Correct it, and run init again.`, {
      cause: error,
    })
  }
  const found = manifestSchema.safeParse(content)
  if (found.success) return found.data
  const [fault] = found.error.issues
  const place = fault?.path.length ? `${fault.path.join('.')} in ${file}` : file
  throw new Error(`${place} has the wrong form: ${fault?.message}. Correct it, and run init again.`)
}

/** Of a package that exports its `package.json`. */
async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  try {
    const file = createRequire(path.join(folder, 'any.js')).resolve(`${name}/package.json`)
    return JSON.parse(await readFile(file, 'utf8')).version
  } catch {
    return undefined
  }
}

/** The code with spaces in place of its comments, so that places in it stay the same. */
export function withoutComments(code: string): string {
  const part = /(['"`])(?:\\.|(?!\1)[^\\])*\1|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return code.replace(part, (text, quote) => (quote ? text : text.replace(/[^\n]/g, ' ')))
}

/** The `testDir` of a config that exists, if it is a string there. */
async function specFolderOf(folder: string, config: string | undefined): Promise<string | undefined> {
  const code = config === undefined ? '' : withoutComments(await readFile(path.join(folder, config), 'utf8'))
  if (!/\btestDir\b/.test(code)) return 'e2e'
  const found = /\btestDir\s*:\s*['"](?:\.\/)?([^'"]+)['"]/.exec(code)?.[1]?.replace(/\/$/, '')
  return found === undefined || found.startsWith('..') || path.isAbsolute(found) ? undefined : found
}

/** Without `include` or `files`, all files of the project are compiled, and where the output goes depends on them. */
async function findWideTsconfig(folder: string): Promise<string | undefined> {
  for (const name of ['tsconfig.build.json', 'tsconfig.json']) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const code = withoutComments(text)
    return /"(include|files)"\s*:|"noEmit"\s*:\s*true|\be2e\b/.test(code) ? undefined : name
  }
  return undefined
}

function appCommandOf(
  { scripts = {} }: Manifest,
  framework: string | undefined,
  manager: string,
  has: (name: string) => boolean,
): string | undefined {
  // Its development server refuses to run twice in a folder, as for a second worker.
  if (framework === 'Next.js') return 'npx next start --port $PORT'
  if (scripts.start) return `${manager} start`
  if (scripts.dev) return `${manager} run dev`
  const python = ['.venv/bin/python', 'venv/bin/python'].find(has) ?? 'python3'
  if (has('manage.py')) return `${python} manage.py runserver --noreload $PORT`
  // Flask itself looks for these two.
  if (framework === 'Flask' && (has('app.py') || has('wsgi.py'))) return `${python} -m flask run --port $PORT`
  return undefined
}

/** What services call the path that a load balancer asks. */
const healthPath = /['"`](\/(?:api\/)?(?:healthz?|health-?check|livez|readyz|ready|ping))\/?['"`]/

async function findReadyPath(folder: string): Promise<string | undefined> {
  const ignore = [...foreign, '**/*.{spec,test}.*']
  const files = await glob('**/*.{js,mjs,cjs,ts,mts,cts,jsx,tsx,py,rb,go}', { cwd: folder, ignore, deep: 6 })
  for (const file of files.sort().slice(0, mostSources)) {
    const path = healthPath.exec(await readFile(`${folder}/${file}`, 'utf8').catch(() => ''))?.[1]
    if (path !== undefined) return path
  }
  return undefined
}

/** What is not written by hand. */
const foreign = ['**/node_modules/**', '**/{dist,build,.next,.venv,venv}/**']

/** A larger project is not searched whole. */
const mostSources = 1000

async function findMigrations(folder: string, packages: object): Promise<Migrations | undefined> {
  const has = (name: string) => existsSync(path.join(folder, name))
  const oneOf = (base: string, endings = ['ts', 'js', 'mjs', 'cjs', 'mts', 'cts']) =>
    endings.map(ending => `${base}.${ending}`).find(has)
  if (has('prisma/migrations')) return { tool: 'Prisma', content: 'prisma/migrations' }
  const unreadIn = async (...names: string[]) => {
    const texts = await Promise.all(names.filter(has).map(name => readFile(path.join(folder, name), 'utf8')))
    return texts.some(text => /\b(DATABASE_URL|PGHOST|PGDATABASE)\b/.test(text)) ? undefined : names.find(has)
  }
  if (has('prisma/schema.prisma')) {
    const unread = await unreadIn('prisma/schema.prisma', 'prisma.config.ts')
    return { tool: 'Prisma', content: { command: 'npx prisma db push' }, unread }
  }
  const drizzle = oneOf('drizzle.config')
  if (drizzle) {
    const out = /\bout\s*:\s*['"](?:\.\/)?([^'"]+)['"]/.exec(await readFile(path.join(folder, drizzle), 'utf8'))?.[1]
    const journal = `${out ?? 'drizzle'}/meta/_journal.json`
    if (has(journal)) return { tool: 'Drizzle', content: out ?? 'drizzle' }
    return { tool: 'Drizzle', content: { command: 'npx drizzle-kit push --force' }, unread: await unreadIn(drizzle) }
  }
  const knexfile = oneOf('knexfile')
  if (knexfile) {
    return { tool: 'Knex', content: { command: 'npx knex migrate:latest' }, unread: await unreadIn(knexfile) }
  }
  if ('typeorm' in packages) {
    const source = ['src/data-source', 'data-source', 'src/database/data-source', 'src/typeorm.config']
      .map(base => oneOf(base))
      .find(name => name !== undefined)
    if (source) {
      const command = await typeormCommand(folder, source, packages)
      return { tool: 'TypeORM', content: { command }, unread: await unreadIn(source) }
    }
  }
  if ('node-pg-migrate' in packages) return { tool: 'node-pg-migrate', content: { command: 'npx node-pg-migrate up' } }
  if ('sequelize-cli' in packages)
    return { tool: 'Sequelize', content: { command: 'npx sequelize-cli db:migrate --url "$DATABASE_URL"' } }
  const sql = sqlFolders.find(
    name => has(name) && readdirSync(path.join(folder, name)).some(file => /\.sql$/.test(file)),
  )
  if (sql !== undefined) return { tool: 'SQL files', content: sql }
  const content = await findNumberedFiles(folder)
  if (content === undefined) return undefined
  return { tool: 'SQL files', content, isGuess: !wordsOf(content).some(word => namesOfMigrations.has(word)) }
}

/** The only folder with files such as `001_orders.sql` and `V1__orders.sql`, if there is one. */
async function findNumberedFiles(folder: string): Promise<string | undefined> {
  const files = await glob('**/{,v,V}[0-9]*.sql', { cwd: folder, ignore: foreign, deep: 6 })
  const folders = new Set(
    files.map(file => path.posix.dirname(file)).filter(name => !wordsOf(name).some(word => namesOfOthers.has(word))),
  )
  const [only] = folders
  return folders.size === 1 && only !== '.' ? only : undefined
}

/** Of the names of a path, in lower case and in the singular. */
const wordsOf = (folder: string) =>
  folder
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map(word => word.replace(/(?<=[^s])s$/, ''))

const namesOfMigrations = new Set(
  'migration migrate change changeset changelog delta evolution flyway patche schema upgrade update version'.split(' '),
)

/** Folders whose SQL files may be numbered, or named by a date, and are no migrations. */
const namesOfOthers = new Set(
  `archive backup bak benchmark demo doc documentation dump e2e example export fixture mock querie query report sample
  seed seeder snapshot spec temp test testdata tmp`.split(/\s+/),
)

/** TypeORM runs a data source in TypeScript only with a package for it; without one, the compiled file is run. */
async function typeormCommand(folder: string, source: string, packages: object): Promise<string> {
  const run = (typeorm: string, file: string) => `npx ${typeorm} migration:run -d ${file}`
  if (!source.endsWith('ts')) return run('typeorm', source)
  if ('ts-node' in packages) return run('typeorm-ts-node-commonjs', source)
  if ('tsx' in packages) return run('tsx node_modules/typeorm/cli.js', source)
  const config = await readFile(path.join(folder, 'tsconfig.json'), 'utf8').catch(() => '')
  const setting = (name: string) => new RegExp(`"${name}"\\s*:\\s*"(?:\\./)?([^"]*?)/?"`).exec(config)?.[1] || undefined
  const outDir = setting('outDir')
  const inRoot = path.posix.relative(setting('rootDir') ?? 'src', source)
  const compiled = outDir === undefined || inRoot.startsWith('../') ? source : inRoot
  return run('typeorm', path.posix.join(outDir ?? '', compiled.replace(/ts$/, 'js')))
}

/** Where tools keep SQL files by default; the format of the files tells which tool it is. */
const sqlFolders = [
  'db/migrations',
  'db/migration',
  'migrations',
  'supabase/migrations',
  'src/main/resources/db/migration',
  'database/migrations',
  'sql',
]
