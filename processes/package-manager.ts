/** Finds the package manager of a project, for messages with its commands. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export type PackageManager = keyof typeof addCommands

const addCommands = {
  npm: 'npm install --save-dev',
  pnpm: 'pnpm add -D',
  yarn: 'yarn add -D',
  bun: 'bun add --dev',
}

const lockFiles = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
} as const

/** The command that adds development dependencies to the project in a folder. */
export function addCommand(folder: string, packages: readonly string[], env = process.env): string {
  return [addCommands[packageManagerOf(folder, env).name], ...rootOption(folder, env), ...packages].join(' ')
}

/** At the root of a workspace, pnpm and Yarn 1 refuse to add packages without an option. */
function rootOption(folder: string, env: NodeJS.ProcessEnv): string[] {
  if (!isWorkspaceRoot(folder)) return []
  const { name } = packageManagerOf(folder, env)
  if (name === 'pnpm') return ['-w']
  // Later versions of Yarn do not know the option, and their lock files do not have this line.
  return name === 'yarn' && /^# yarn lockfile v1$/m.test(textOf(folder, 'yarn.lock')) ? ['-W'] : []
}

/** Whether the folder lists packages of a workspace. */
export function isWorkspaceRoot(folder: string): boolean {
  // The file of pnpm may have nothing but settings.
  return 'workspaces' in manifestIn(folder) || /^packages *:/m.test(textOf(folder, 'pnpm-workspace.yaml'))
}

/** Empty for a file that is missing. */
function textOf(folder: string, name: string): string {
  const file = path.join(folder, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/**
 * The package manager that the nearest `package.json` or lock file names, from the folder upwards, since a workspace has one
 * lock file; otherwise the one that started this process; otherwise npm. `root` is the folder of that file.
 */
export function packageManagerOf(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): { name: PackageManager; root: string | undefined } {
  for (const root of upwards(path.resolve(folder))) {
    const name = declaredIn(root) ?? lockedIn(root)
    if (name !== undefined) return { name, root }
  }
  return { name: known(env.npm_config_user_agent?.split('/')[0]) ?? 'npm', root: undefined }
}

function* upwards(folder: string): Generator<string> {
  yield folder
  const parent = path.dirname(folder)
  if (parent !== folder) yield* upwards(parent)
}

const declaredIn = (folder: string): PackageManager | undefined =>
  known(String(manifestIn(folder).packageManager).split('@')[0])

/** The `package.json` in a folder, as far as it is one. */
function manifestIn(folder: string): { packageManager?: unknown; workspaces?: unknown } {
  try {
    return Object(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')))
  } catch {
    return {}
  }
}

const lockedIn = (folder: string): PackageManager | undefined =>
  Object.entries(lockFiles).find(([file]) => existsSync(path.join(folder, file)))?.[1]

const known = (name: string | undefined): PackageManager | undefined =>
  (Object.keys(addCommands) as PackageManager[]).find(manager => manager === name)
