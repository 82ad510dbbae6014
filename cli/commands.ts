/** Dispatches to the commands of `reprise`. */
import { nearest } from '../monitor/config/nearest.ts'
import { addCommand } from '../processes/package-manager.ts'
import type { Command, Invocation } from './command.ts'

/**
 * Runs one command. Resolves with its exit code, or with 2 for an unknown command and for one that throws, after printing the
 * reason.
 */
export async function runCommand({ args, ...rest }: Invocation): Promise<number> {
  // What is after -- belongs to another program.
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const asksForHelp = own.some(arg => arg === '--help' || arg === '-h')
  // Names have one or two words.
  const words = [2, 1].find(count => commands.has(args.slice(0, count).join(' ')))
  const entry = words && commands.get(args.slice(0, words).join(' '))
  if (!entry) {
    const usage = usageOf(groupOf(args[0]))
    if (asksForHelp) rest.print(usage)
    else rest.complain(`${mistake(args)}\n\n${usage}`)
    return asksForHelp ? 0 : 2
  }
  try {
    const command = await entry.load()
    if (asksForHelp) {
      rest.print(command.help)
      return 0
    }
    return await command.run({ args: args.slice(words), ...rest })
  } catch (error) {
    rest.complain(missingPeer(error, rest.folder) ?? (error instanceof Error ? error.message : String(error)))
    return 2
  }
}

/** The remedy for a peer dependency that is not installed; undefined for another error. */
function missingPeer(error: unknown, folder: string): string | undefined {
  const name = /^Cannot find (?:package|module) '(@playwright\/test|pg)['/]/.exec(String(Object(error).message))?.[1]
  return name && `${name} is not installed in ${folder}: ${addCommand(folder, [name])} there.`
}

interface CommandEntry {
  summary: string
  // Imported on demand, so that a command does not load what only others need.
  load(): Promise<Command>
}

const commands = new Map<string, CommandEntry>([
  [
    'init',
    {
      summary: 'adds Reprise to the project in this folder',
      load: async () => (await import('./init.ts')).init,
    },
  ],
  [
    'monitor acknowledge',
    {
      summary: 'shows that someone works on an incident',
      load: async () => (await import('./monitor-acknowledge.ts')).monitorAcknowledge,
    },
  ],
  [
    'monitor advise',
    {
      summary: 'suggests confirm, agree and slowAbove by the recorded history',
      load: async () => (await import('./monitor-advise.ts')).monitorAdvise,
    },
  ],
  [
    'monitor alert-test',
    {
      summary: 'sends a test message to a channel, and prints the response',
      load: async () => (await import('./alert-test.ts')).alertTest,
    },
  ],
  [
    'monitor alerts',
    {
      summary: 'prints the messages that wait to be sent or were given up',
      load: async () => (await import('./monitor-alerts.ts')).monitorAlerts,
    },
  ],
  [
    'monitor drop',
    {
      summary: 'closes a message that waits or was given up, unsent',
      load: async () => (await import('./monitor-alerts.ts')).monitorDrop,
    },
  ],
  [
    'monitor heartbeat',
    {
      summary: 'runs a command, and reports its start and its end as a heartbeat',
      load: async () => (await import('./monitor-heartbeat.ts')).monitorHeartbeat,
    },
  ],
  [
    'monitor maintenance',
    {
      summary: 'opens, lists and ends maintenance windows',
      load: async () => (await import('./monitor-maintenance.ts')).monitorMaintenance,
    },
  ],
  [
    'monitor mute',
    {
      summary: 'creates no alerts of a check or channel until a time',
      load: async () => (await import('./monitor-mute.ts')).monitorMute,
    },
  ],
  [
    'monitor note',
    {
      summary: 'adds a note to an incident',
      load: async () => (await import('./monitor-note.ts')).monitorNote,
    },
  ],
  [
    'monitor rehearse',
    {
      summary: 'shows which incidents another policy would have opened in the recorded history',
      load: async () => (await import('./monitor-rehearse.ts')).monitorRehearse,
    },
  ],
  [
    'monitor retry',
    {
      summary: 'sends a message now that waits or was given up',
      load: async () => (await import('./monitor-alerts.ts')).monitorRetry,
    },
  ],
  [
    'monitor run',
    {
      summary: 'replays checks against a deployed environment, now',
      load: async () => (await import('./monitor-run.ts')).monitorRun,
    },
  ],
  [
    'monitor run-now',
    {
      summary: 'asks the running monitors to replay checks',
      load: async () => (await import('./monitor-run-now.ts')).monitorRunNow,
    },
  ],
  [
    'monitor start',
    {
      summary: 'replays checks when they are due, and stores the results, until Ctrl-C',
      load: async () => (await import('./monitor-start.ts')).monitorStart,
    },
  ],
  [
    'monitor status',
    {
      summary: 'prints the state of each check, and the open incidents',
      load: async () => (await import('./monitor-status.ts')).monitorStatus,
    },
  ],
  [
    'monitor unmute',
    {
      summary: 'ends the mute of a check or channel',
      load: async () => (await import('./monitor-mute.ts')).monitorUnmute,
    },
  ],
  [
    'monitor validate',
    {
      summary: 'validates monitor.config.ts, and lists how many specs each check has',
      load: async () => (await import('./monitor-validate.ts')).monitorValidate,
    },
  ],
  [
    'plain-english check',
    {
      summary: 'reports all errors in specs in English, without running them',
      load: async () => (await import('./plain-english-check.ts')).plainEnglishCheck,
    },
  ],
  [
    'plain-english import',
    {
      summary: 'turns Postman, OpenAPI, HAR, .http files and curl commands into scenarios',
      load: async () => (await import('./plain-english-import.ts')).plainEnglishImport,
    },
  ],
  [
    'plain-english lsp',
    {
      summary: 'serves editors by the Language Server Protocol',
      load: async () => (await import('./plain-english-lsp.ts')).plainEnglishLsp,
    },
  ],
  [
    'plain-english run',
    {
      summary: 'runs files in English, again after each change, or up to a sentence',
      load: async () => (await import('./plain-english-run.ts')).plainEnglishRun,
    },
  ],
  [
    'plain-english sentences',
    {
      summary: 'prints the sentences for specs in English',
      load: async () => (await import('./plain-english-sentences.ts')).plainEnglishSentences,
    },
  ],
  [
    'plain-english to-typescript',
    {
      summary: 'writes a file in English as a spec in TypeScript',
      load: async () => (await import('./plain-english-to-typescript.ts')).plainEnglishToTypeScript,
    },
  ],
  [
    'sample',
    {
      summary: 'runs the sample API and its page on a throw-away Postgres, until Ctrl-C',
      load: async () => (await import('./sample.ts')).sample,
    },
  ],
  [
    'sandbox',
    {
      summary: 'shares one transaction of a database with every client, until Ctrl-C, which rolls it back',
      load: async () => (await import('./sandbox.ts')).sandbox,
    },
  ],
  [
    'start',
    {
      summary: 'runs the sample API, the monitor that watches it and its status page, until Ctrl-C: npm start',
      load: async () => (await import('./start.ts')).start,
    },
  ],
  [
    'sweep',
    {
      summary: 'removes what crashed runs have left in deployed environments, and reports what it cannot remove',
      load: async () => (await import('./sweep.ts')).sweep,
    },
  ],
])

function mistake(args: readonly string[]): string {
  const words = args.slice(0, 2).filter(arg => !arg.startsWith('-'))
  if (words.length === 0) return 'No command was given.'
  const names = [...commands.keys()]
  const group = groupOf(words[0])
  if (group.length > 0 && words.length === 1) {
    return `${words[0]} needs a second word: ${group.slice(0, -1).join(', ')} or ${group.at(-1)}.`
  }
  // A second word may be an argument of a one-word command: it counts only if it makes the name similar to a command.
  const given = group.length > 0 || nearest(words.join(' '), names) !== undefined ? words.join(' ') : String(words[0])
  const near = nearest(given, names)
  return `There is no command "${given}"${near === undefined ? '.' : `; did you mean ${near}?`}`
}

/** The commands of two words that begin with this one. */
function groupOf(word: string | undefined): string[] {
  return [...commands.keys()].filter(name => name.startsWith(`${word} `))
}

/** The usage of these commands; of all if there are none. */
const usageOf = (names: readonly string[]) => `Usage: npx reprise COMMAND

Commands:
${[...commands]
  .filter(([name]) => names.length === 0 || names.includes(name))
  .map(([name, { summary }]) => `  ${name.padEnd(27)}  ${summary}`)
  .join('\n')}

npx reprise COMMAND --help prints the options of a command, with examples.`
