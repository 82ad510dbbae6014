/** `reprise plain-english run`: runs files in English, again after each change, or up to a sentence. */
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pauseVariable } from '../plain-english/run/breakpoint.ts'
import type { Command, Invocation } from './command.ts'
import { plainEnglishFiles, plainEnglishSetup } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'

export const plainEnglishRun: Command = {
  help: `Usage: npx reprise plain-english run [FILE[:LINE]...] [--watch] [--debug] [-- PLAYWRIGHT OPTIONS]

Runs files in English with Playwright, by the projects in playwright.config.ts.

  FILE      files or globs; with a line, the scenario there; default: all
  --watch   runs a file again when it changes, and all when sentences of your own change, until Ctrl-C
  --debug   stops at the sentence on the given line, or at the first one of each scenario: a scenario with a page opens
            Playwright's inspector, any other waits for a debugger, whose address it prints

Exit code: that of Playwright.

Examples:
  npx reprise plain-english run users.txt --watch
  npx reprise plain-english run e2e/plain-english/users.txt:12 --debug
  npx reprise plain-english run users.txt -- --headed`,

  async run(invocation: Invocation): Promise<number> {
    const { args, folder } = invocation
    const at = args.indexOf('--')
    const own = at < 0 ? args : args.slice(0, at)
    const options = { watch: { type: 'boolean' }, debug: { type: 'boolean' } } as const
    const { positionals, values } = readArguments('plain-english run', own, options)
    if (values.watch && values.debug) throw new Error('Both --watch and --debug were given: choose one of them.')
    const setup = await plainEnglishSetup(folder)
    const asked = positionals.map(readTarget)
    const files = await plainEnglishFiles(
      asked.map(({ file }) => file),
      folder,
      setup,
    )
    if (files.length === 0) throw new Error(`There is no file to run in ${folder}.`)
    const extra = at < 0 ? [] : args.slice(at + 1)
    if (values.watch) return watchFiles(invocation, files, setup.modules, extra)
    const targets =
      asked.length > 0
        ? asked.map(({ file, line }) => filterOf(path.resolve(folder, file), line))
        : files.map(file => filterOf(file))
    const pause = values.debug ? pauseOf(asked, folder) : undefined
    const debug = pause === undefined ? [] : ['--workers=1', '--timeout=0']
    return runPlaywright(invocation, [...targets, ...debug, ...extra], pause).ended
  },
}

interface Target {
  file: string
  line: number | undefined
}

function readTarget(text: string): Target {
  const [, file, line] = /^(.*?):(\d+)$/.exec(text) ?? []
  return file === undefined ? { file: text, line: undefined } : { file, line: Number(line) }
}

/** Playwright takes regular expressions for the paths of specs; one of a file in English ends as its name does. */
function filterOf(file: string, line?: number): string {
  const escaped = file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return line === undefined ? escaped : `${escaped}:${line}`
}

function pauseOf(asked: readonly Target[], folder: string): string {
  const [first] = asked
  return first?.line === undefined ? '*' : `${path.resolve(folder, first.file)}:${first.line}`
}

interface Running {
  ended: Promise<number>
  stop(): void
}

function runPlaywright({ folder, env }: Invocation, args: readonly string[], pause?: string): Running {
  const cli = createRequire(path.join(folder, 'package.json')).resolve('@playwright/test/cli')
  const child = spawn(process.execPath, [cli, 'test', ...args], {
    cwd: folder,
    env: {
      ...env,
      ...(pause !== undefined && { [pauseVariable]: pause, ...(env.PWDEBUG === undefined && { PWDEBUG: 'console' }) }),
    },
    stdio: 'inherit',
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
  })
  return { ended, stop: () => void child.kill('SIGINT') }
}

/** Runs what has changed, one run after the other, until the process is asked to stop. */
async function watchFiles(
  invocation: Invocation,
  files: readonly string[],
  modules: readonly string[],
  extra: readonly string[],
): Promise<number> {
  const changed = new Set<string>(files)
  let wake: () => void = () => undefined
  const folders = new Set([...files, ...modules].map(file => path.dirname(file)))
  const watchers = [...folders].map(folder =>
    watch(folder, (_, name) => {
      const file = path.join(folder, String(name))
      if (modules.includes(file)) for (const one of files) changed.add(one)
      else if (files.includes(file)) changed.add(file)
      wake()
    }),
  )
  let isStopped = false
  let running: Running | undefined
  const stopped = invocation.stopRequest().then(() => {
    isStopped = true
    running?.stop()
    wake()
  })
  let code = 0
  while (!isStopped) {
    if (changed.size > 0) {
      const targets = [...changed].map(file => filterOf(file))
      changed.clear()
      running = runPlaywright(invocation, [...targets, ...extra])
      code = await running.ended
      if (!isStopped) invocation.print('Waiting for changes; Ctrl-C ends it.')
    } else {
      await new Promise<void>(resolve => {
        wake = resolve
        if (changed.size > 0 || isStopped) resolve()
      })
    }
  }
  for (const watcher of watchers) watcher.close()
  await stopped
  return code
}
