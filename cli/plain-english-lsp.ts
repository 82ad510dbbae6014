/** `reprise plain-english lsp`: serves editors by the Language Server Protocol, over standard input and output. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { SentenceDefinition } from '../plain-english/compile/sentence-definition.ts'
import type { ServedProject } from '../plain-english/language-server/server.ts'
import { builtInSentences } from '../plain-english/sentences/built-in.ts'
import { addCommand } from '../processes/package-manager.ts'
import type { Command, Invocation } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { reserveStdout } from './reserved-stdout.ts'

const needed = ['vscode-languageserver', 'vscode-languageserver-textdocument']

export const plainEnglishLsp: Command = {
  help: `Usage: npx reprise plain-english lsp

A language server for files in English, which editors start: completion of sentences and variables, faults while you type,
the definitions of your own sentences, and what a sentence does. It speaks the Language Server Protocol over standard input
and output. It needs the packages ${needed.join(' and ')}.

Examples:
  npm install --save-dev ${needed.join(' ')}
  npx reprise plain-english lsp`,

  async run({ args, folder }: Invocation): Promise<number> {
    // Editors add --stdio, which is the only way that there is.
    const { positionals } = readArguments('plain-english lsp', args, { stdio: { type: 'boolean' } })
    if (positionals.length > 0) {
      throw new Error(`plain-english lsp takes no ${JSON.stringify(positionals[0])}; see --help.`)
    }
    const { serveLanguage } = await loadServer(folder)
    // What the project prints would break the protocol.
    const { output, release } = reserveStdout()
    try {
      await serveLanguage({
        input: process.stdin,
        output,
        fallback: builtInSentences,
        load: () => loadProject(folder),
      })
    } finally {
      release()
    }
    return 0
  },
}

/** In another process: Node loads a module once, with all that it imports, and this process runs as long as the editor. */
async function loadProject(folder: string): Promise<ServedProject> {
  const [program = ''] = process.argv.slice(1)
  const args = [...process.execArgv, program, 'plain-english', 'sentences', '--json']
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 64_000_000 })
    const { modules, sentences }: Printed = JSON.parse(stdout)
    const own = sentences.map(sentence => ({ ...sentence, fixtures: [], run: () => undefined }))
    return { sentences: [...builtInSentences, ...own], modules }
  } catch (error) {
    const written: string = Object(error).stderr?.trim()
    throw written ? new Error(written) : error
  }
}

/** What `plain-english sentences --json` prints. */
interface Printed {
  modules: string[]
  /** Without an `example` if there is none. */
  sentences: Pick<SentenceDefinition, 'expression' | 'meaning' | 'example'>[]
}

async function loadServer(folder: string): Promise<typeof import('../plain-english/language-server/server.ts')> {
  try {
    return await import('../plain-english/language-server/server.ts')
  } catch (error) {
    if (!/Cannot find package 'vscode-/.test(String(Object(error).message))) throw error
    throw new Error(
      `The language server needs packages that are not installed in ${folder}: ${addCommand(folder, needed)} there.`,
    )
  }
}
