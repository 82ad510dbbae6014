/** Runs the command line in a small project of its own, for tests about what a whole replay does and what its user sees. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { test as base } from '@playwright/test'
import type { RunDocument } from '../../monitor/replay/document.ts'
import { removeServerFiles } from '../../postgres/persistent/server-files.ts'
import { builtModule, imported } from '../built/built-modules.ts'
import { childEnvironment } from '../child-environment.ts'
import { projectFolder, writeFiles } from '../project-folder.ts'
import { type CommandResult, type StartedCommand, startCommand } from './started-command.ts'

export interface NestedMonitor {
  readonly folder: string
  /** Starts `reprise monitor ...`; `within`: by a program that goes over to it. */
  start(args: readonly string[], env?: NodeJS.ProcessEnv, within?: readonly string[]): StartedCommand
  /** Runs `monitor run --json` to its end. */
  run(args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult & { document: RunDocument }>
  /**
   * Replays all checks as that command does, from this process: it starts Playwright only once, unless the test reads the report
   * as well.
   */
  replay(more?: { hasPage?: boolean; environment?: string; env?: NodeJS.ProcessEnv }): Promise<RunDocument>
}

interface NestedProject {
  /** Of `defineMonitor`; the environment `production` is there, with this service as its base URL. */
  environment?: Record<string, unknown>
  /** Others, by their names. */
  environments?: Record<string, unknown>
  /** Beside `retries: 0` and `evidence: 'requests'`. */
  defaults?: Record<string, unknown>
  channels?: Record<string, unknown>
  evidence?: Record<string, unknown>
  /** Its other settings. */
  settings?: Record<string, unknown>
  /** Regular expressions have to be strings. */
  checks: Record<string, unknown>
  /** By their names. Specs find `test`, `expect` and Playwright's own `plain` in scope; their lines keep their numbers. */
  files: Record<string, string>
  /** Of Playwright's configuration. */
  playwright?: Record<string, unknown>
}

interface NestedMonitorFixtures {
  /** Starts an HTTP service on a free port, and gives its URL. */
  serve: (listener: RequestListener) => Promise<string>
  project: (baseURL: string, project: NestedProject) => Promise<NestedMonitor>
}

export const test = base.extend<NestedMonitorFixtures>({
  serve: async ({}, use) => {
    const servers: ReturnType<typeof createServer>[] = []
    await use(async listener => {
      const server = createServer(listener).listen(0, '127.0.0.1')
      servers.push(server)
      await once(server, 'listening')
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  },
  project: async ({}, use) => {
    const folders: string[] = []
    const commands: StartedCommand[] = []
    await use(async (baseURL, project) => {
      const folder = projectFolder()
      folders.push(folder)
      await writeProject(folder, baseURL, project)
      return nestedMonitor(folder, command => commands.push(command))
    })
    for (const { process, result } of commands) {
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
      await result
    }
    for (const folder of folders) {
      await removeServerFiles(path.join(folder, '.reprise/monitor'))
      await rm(folder, { recursive: true, force: true })
    }
  },
})

/** Its module, which loads much. */
const replays = 'testing/nested-monitor/replay-here'

async function writeProject(folder: string, baseURL: string, project: NestedProject): Promise<void> {
  const {
    environment,
    environments,
    defaults = {},
    channels,
    evidence,
    settings,
    checks,
    files,
    playwright = {},
  } = project
  const config = {
    environments: { production: { baseURL, ...environment }, ...environments },
    defaults: { retries: 0, environment: 'production', evidence: 'requests', ...defaults },
    ...(channels && { channels }),
    ...(evidence && { evidence }),
    ...settings,
    checks,
  }
  const imports = `import { test as plain } from '@playwright/test'; import { expect, test } from '${imported('fixtures/index')}';`
  await writeFiles(folder, {
    // Not TypeScript, for which a version of Node that cannot run it loads a compiler: a quarter of a second of processor time.
    'monitor.config.mjs': `export default ${JSON.stringify(config)}`,
    'playwright.config.ts': `export default ${JSON.stringify({ testDir: '.', ...playwright })}`,
    ...Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, name.endsWith('.spec.ts') ? imports + content : content]),
    ),
  })
}

function nestedMonitor(folder: string, onStart: (command: StartedCommand) => void): NestedMonitor {
  const start: NestedMonitor['start'] = (args, env = {}, within = []) => {
    const command = startCommand(['monitor', ...args], { env, folder, within })
    onStart(command)
    return command
  }
  return {
    folder,
    start,
    run: async (args = [], env) => {
      const result = await start(['run', '--json', ...args], env).result
      try {
        return { ...result, document: JSON.parse(result.stdout) }
      } catch (error) {
        throw new Error(`No document, exit code ${result.code}:\n${result.stdout}\n${result.stderr}`, { cause: error })
      }
    },
    replay: async ({ hasPage = false, environment, env } = {}) => {
      // Imported here, so that workers whose tests only start commands do not load it.
      const { replayHere }: typeof import('./replay-here.ts') = await import(builtModule(replays))
      return replayHere(folder, hasPage ? 'page' : 'archive', childEnvironment(env), environment)
    },
  }
}
