/** Runs a shell command of a page, without the environment of the test run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { commandLine } from '../../testing/built/built-modules.ts'
import { childEnvironment } from '../../testing/child-environment.ts'
import { root } from '../../testing/project-folder.ts'

export interface Shell {
  /** Waits for output that matches. Throws an error with the output if the command ends first. */
  says(pattern: RegExp): Promise<string>
  /** Sends SIGINT, as Ctrl-C does. */
  interrupt(): void
  /** Waits for the end of the command. */
  result(): Promise<{ code: number | null; output: string }>
  /** Kills the process group, if it still runs. */
  kill(): Promise<void>
}

/** The program that `npx reprise` runs in the repository. */
export const bin = quoted([process.execPath, path.join(root, 'cli/bin.mjs')])

/**
 * Without npx, which takes half a second of processor time. `npx reprise` is the bundled command line: `bin` loads some 300 modules
 * each time.
 */
export function startShell(command: string, { cwd, env }: { cwd: string; env?: NodeJS.ProcessEnv }): Shell {
  const direct = command
    .replaceAll('npx reprise ', () => `${quoted(commandLine())} `)
    .replaceAll(/npx (playwright|tsc) /g, (_, name) => `${quoted([path.join(root, 'node_modules/.bin', name)])} `)
  const child = spawn('sh', ['-c', direct], {
    cwd,
    env: childEnvironment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += stripVTControlCharacters(text)
      child.emit('said')
    })
  }
  const ended = once(child, 'close')
  const send = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, signal)
    }
  }
  return {
    says: async pattern => {
      for (;;) {
        const found = pattern.exec(output)
        if (found) return found[1] ?? found[0]
        const isOver = await Promise.race([ended.then(() => true), once(child, 'said').then(() => false)])
        if (isOver && !pattern.test(output)) throw new Error(`"${command}" did not say ${pattern}, but:\n${output}`)
      }
    },
    interrupt: () => send('SIGINT'),
    result: async () => {
      const [code] = await ended
      return { code, output }
    },
    kill: async () => {
      send('SIGKILL')
      await ended
    },
  }
}

function quoted(words: readonly string[]): string {
  return words.map(word => `'${word}'`).join(' ')
}
