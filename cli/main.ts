#!/usr/bin/env node
/** Runs the command that the first arguments name, and exits with its code: the bin `reprise`. */
import { createInterface } from 'node:readline/promises'
import { runCommand } from './commands.ts'
import { progressLine } from './progress-line.ts'
import { stopRequest } from './stop-request.ts'

// A program that reads the output, such as `head`, may end first: the command goes on without it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const line = progressLine(process.stderr)

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  env: process.env,
  folder: process.cwd(),
  colours: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
  print: text => {
    line.clear()
    console.log(text)
  },
  complain: text => {
    line.clear()
    console.error(text)
  },
  progress: line.show,
  stopRequest,
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
})
line.clear()

async function ask(question: string, fallback: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return (await terminal.question(`${question}${fallback && ` [${fallback}]`} `)).trim() || fallback
  } finally {
    terminal.close()
  }
}
