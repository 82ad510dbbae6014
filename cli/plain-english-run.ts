/** `reprise plain-english run`: runs files in English, again after each change, or up to a sentence. */
import { spawn } from 'node:child_process'
import { existsSync, type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { filesIncludedBy } from '../plain-english/compile/include-lines.ts'
import { readText } from '../plain-english/compile/read-spec.ts'
import { faultText } from '../plain-english/parse/fault.ts'
import { literalPattern } from '../plain-english/parse/literal-pattern.ts'
import { testsAtLine } from '../plain-english/playwright/tests-at-line.ts'
import { pauseVariable } from '../plain-english/run/breakpoint.ts'
import type { Command, Invocation } from './command.ts'
import { type PlainEnglishSetup, plainEnglishFiles, plainEnglishSetup, vocabulariesOf } from './plain-english-files.ts'
import { readArguments } from './read-arguments.ts'

export const plainEnglishRun: Command = {
  help: `Usage: npx reprise plain-english run [FILE[:LINE]...] [--watch] [--debug] [-- PLAYWRIGHT OPTIONS]

Runs files in English with Playwright, by the projects in playwright.config.ts.

  FILE      files or globs; with the line of a sentence, of a scenario or of a row, the scenarios there; default: all
  --watch   runs a file again when it changes, or a file that it includes, and all when sentences of your own change, until
            Ctrl-C
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
    const targets = await targetsOf(asked, folder, setup)
    if (targets.length === 0) throw new Error(`There is no file to run in ${folder}.`)
    const extra = at < 0 ? [] : args.slice(at + 1)
    if (values.watch) return watchFiles({ invocation, setup, asked, extra })
    const { filters, sentences } = await selectionOf(targets, folder, setup)
    if (!values.debug) return runPlaywright(invocation, [...filters, ...extra]).ended
    const [first, ...others] = sentences
    if (others.length > 0) {
      throw new Error(
        `--debug stops at one sentence, but got ${sentences.length}: choose one of ${sentences.join(', ')}.`,
      )
    }
    return runPlaywright(invocation, [...filters, '--workers=1', '--timeout=0', ...extra], first ?? '*').ended
  },
}

interface Target {
  /** As asked, or an absolute path. */
  file: string
  /** 1-based; undefined: all scenarios. */
  line: number | undefined
}

function readTarget(text: string): Target {
  const [, file, line] = /^(.*?):(\d+)$/.exec(text) ?? []
  return file === undefined ? { file: text, line: undefined } : { file, line: Number(line) }
}

/** The files of what was asked, or of all projects, as absolute paths. */
async function targetsOf(asked: readonly Target[], folder: string, setup: PlainEnglishSetup): Promise<Target[]> {
  if (asked.length === 0) {
    return (await plainEnglishFiles([], folder, setup)).map(file => ({ file, line: undefined }))
  }
  const targets: Target[] = []
  for (const { file, line } of asked) {
    const files = await plainEnglishFiles([file], folder, setup)
    if (line !== undefined && files.length > 1) {
      throw new Error(`${file}:${line} has a line of ${files.length} files: name one of them.`)
    }
    targets.push(...files.map(file => ({ file, line })))
  }
  return targets
}

interface Selection {
  /** For Playwright. */
  filters: string[]
  /** The sentences that have a line of their own, as REPRISE_PAUSE_AT takes them. */
  sentences: string[]
}

/** Throws if a line has no sentence, and with the faults of a file whose line is asked for. */
async function selectionOf(targets: readonly Target[], folder: string, setup: PlainEnglishSetup): Promise<Selection> {
  const vocabularyOf = await vocabulariesOf(
    targets.map(({ file }) => file),
    setup,
  )
  const selection: Selection = { filters: [], sentences: [] }
  for (const { file, line } of targets) {
    if (line === undefined) {
      selection.filters.push(filterOf(file))
      continue
    }
    const shown = path.relative(folder, file)
    const content = await readFile(file)
    const { scenarios, faults } = readText(content, shown, vocabularyOf(file), file)
    if (faults.length > 0) throw new Error(faults.map(faultText).join('\n\n'))
    const found = testsAtLine(content, scenarios, line)
    if (!found) {
      const lines = [...new Set(scenarios.map(({ place }) => place.line))].slice(0, 20).join(', ')
      throw new Error(
        `${shown}:${line} has no sentence: choose the line of a sentence, of a scenario, or of a row of examples. Its scenarios and rows are on the lines ${lines}.`,
      )
    }
    if (found.tests.length === 0) throw new Error(`${shown}:${line} is in a login that no scenario uses.`)
    selection.filters.push(...found.tests.map(({ line, column }) => `${filterOf(file)}:${line}:${column}`))
    if (found.sentence !== undefined) selection.sentences.push(`${file}:${found.sentence}`)
  }
  return selection
}

/** Playwright takes regular expressions for the paths of specs, and of the files that their source maps name. */
function filterOf(file: string): string {
  return `${literalPattern(file)}$`
}

interface Running {
  ended: Promise<number>
  stop(): void
}

/** Throws if the project has no Playwright. */
function playwrightIn(folder: string): string {
  return createRequire(path.join(folder, 'package.json')).resolve('@playwright/test/cli')
}

function runPlaywright({ folder, env }: Invocation, args: readonly string[], pause?: string): Running {
  const child = spawn(process.execPath, [playwrightIn(folder), 'test', ...args], {
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

interface Watch {
  invocation: Invocation
  setup: PlainEnglishSetup
  asked: readonly Target[]
  extra: readonly string[]
}

/** Runs what has changed, one run after the other, until the process is asked to stop. */
async function watchFiles({ invocation, setup: first, asked, extra }: Watch): Promise<number> {
  const { folder, print, complain } = invocation
  playwrightIn(folder)
  let setup = first
  const events = new Set<string>()
  let wake: () => void = () => undefined
  const watched = new WatchedFolders(complain, file => {
    events.add(file)
    wake()
  })
  let isStopped = false
  let running: Running | undefined
  const stopped = invocation.stopRequest().then(() => {
    isStopped = true
    running?.stop()
    wake()
  })
  let code = 0
  let targets: readonly Target[] = []
  try {
    while (!isStopped) {
      const seen = new Set(events)
      events.clear()
      // Before the files are listed, so that none is missed.
      for (const one of await foldersOf(asked, folder, setup)) watched.add(one)
      // There may be no file for a moment.
      const current = await targetsOf(asked, folder, setup).catch((): Target[] => [])
      const known = new Set(targets.map(({ file }) => file))
      const changed = current.filter(({ file }) => {
        const needed = [file, ...filesIncludedBy(file)]
        for (const one of needed) watched.add(path.dirname(one))
        return !known.has(file) || [...needed, ...setup.modules].some(one => seen.has(one))
      })
      targets = current
      if (changed.length > 0) {
        try {
          if (setup.modules.some(one => seen.has(one))) setup = await plainEnglishSetup(folder, String(Date.now()))
          const { filters } = await selectionOf(changed, folder, setup)
          running = runPlaywright(invocation, [...filters, ...extra])
          code = await running.ended
        } catch (error) {
          complain(error instanceof Error ? error.message : String(error))
          code = 2
        }
        if (!isStopped) print('Waiting for changes; Ctrl-C ends it.')
      }
      await new Promise<void>(resolve => {
        wake = resolve
        if (events.size > 0 || isStopped) resolve()
      })
    }
  } finally {
    watched.close()
  }
  await stopped
  return code
}

/** The folders where files can appear that were asked for, and those of the modules with sentences. */
async function foldersOf(asked: readonly Target[], folder: string, { projects, modules }: PlainEnglishSetup) {
  const globs = asked.length > 0 ? asked.map(({ file }) => ({ folder, files: file })) : projects
  const found = new Set(modules.map(module => path.dirname(module)))
  for (const { folder, files } of globs) {
    const parts = files.split('/')
    const first = parts.findIndex(part => /[*?[\]{}()!+@]/.test(part))
    const base = path.resolve(folder, ...parts.slice(0, first < 0 ? -1 : first))
    found.add(base)
    if (first < 0 || first === parts.length - 1) continue
    const options = { cwd: base, absolute: true, onlyDirectories: true, ignore: '**/node_modules/**' }
    for (const below of await glob('**', options)) found.add(path.resolve(below))
  }
  return found
}

class WatchedFolders {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #complain: (text: string) => void
  readonly #changed: (file: string) => void

  /** @param changed Called with the path of each file that has changed. */
  constructor(complain: (text: string) => void, changed: (file: string) => void) {
    this.#complain = complain
    this.#changed = changed
  }

  /** Does nothing for a folder that does not exist. */
  add(folder: string): void {
    if (this.#watchers.has(folder) || !existsSync(folder)) return
    try {
      const watcher = watch(folder, (_, name) => this.#changed(path.join(folder, String(name))))
      this.#watchers.set(folder, watcher)
      watcher.on('error', error => {
        watcher.close()
        this.#watchers.delete(folder)
        // A folder that was removed.
        if (existsSync(folder)) this.#report(folder, error)
      })
    } catch (error) {
      this.#report(folder, error)
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  #report(folder: string, error: unknown): void {
    this.#complain(`Changes in ${folder} are not seen: ${error instanceof Error ? error.message : String(error)}.`)
  }
}
