/** `reprise monitor heartbeat`: runs a command, and reports its start, its end and its exit code to a monitor. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { retryAfterMs } from '../monitor/alerts/retry-after.ts'
import type { Command, Invocation } from './command.ts'
import { readArguments } from './read-arguments.ts'

export const monitorHeartbeat: Command = {
  help: `Usage: npx reprise monitor heartbeat NAME [--url URL] -- COMMAND [ARGUMENT...]

Runs a command, and reports to the monitor of a heartbeat that it begins, how it ends, and the end of its output. The command
runs also where the monitor does not answer; what could not be reported is printed.

  --url URL       of the monitor's status page (default: REPRISE_URL)

Environment:
  REPRISE_HEARTBEAT_TOKEN  the token of the heartbeat
  REPRISE_URL              the URL of the monitor's status page

Exit code: that of the command; 128 and the number of the signal that ended it; 127 if it cannot be started; 2 without a
command, a token or a URL.

Examples:
  npx reprise monitor heartbeat backup --url https://status.example.com -- /usr/local/bin/backup --all
  npx reprise monitor heartbeat mails -- sh -c 'fetch-mails | import-mails'`,

  async run({ args, env, complain, stopRequest }: Invocation): Promise<number> {
    const end = args.indexOf('--')
    const [own, [program, ...rest]] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
    const { values, positionals } = readArguments('monitor heartbeat', own, { url: { type: 'string' } } as const)
    const [name, ...more] = positionals
    if (name === undefined || more.length > 0 || program === undefined)
      throw new Error('monitor heartbeat needs the name of a heartbeat, and a command after --; see --help.')
    const url = values.url ?? env.REPRISE_URL
    const token = env.REPRISE_HEARTBEAT_TOKEN
    if (!url || !URL.canParse(url))
      throw new Error("monitor heartbeat needs the URL of the monitor's status page: set REPRISE_URL, or write --url.")
    if (!token) throw new Error('monitor heartbeat needs the token of the heartbeat: set REPRISE_HEARTBEAT_TOKEN.')
    const place = {
      base: `${url.replace(/\/+$/, '')}/heartbeats/${encodeURIComponent(name)}`,
      token,
      rid: randomUUID(),
    }
    const tell = async (event: string, output?: Buffer) => {
      const fault = await report(place, event, output)
      if (fault !== undefined) complain(`Heartbeat ${name} was not reported: ${fault}.`)
    }
    // The job does not wait for the monitor.
    const started = tell('start')
    const { code, output, fault } = await perform(program, rest, { env, stopRequest })
    if (fault !== undefined) complain(fault)
    await started
    await tell(String(code), redacted(output, token))
    return code
  },
}

const keptBytes = 10_000

interface Performed {
  code: number
  /** The end of it. */
  output: Buffer
  fault?: string
}

async function perform(
  program: string,
  args: readonly string[],
  { env, stopRequest }: Pick<Invocation, 'env' | 'stopRequest'>,
): Promise<Performed> {
  // The token is not the job's.
  const { REPRISE_HEARTBEAT_TOKEN: _, ...others } = env
  const child = spawn(program, args, { env: others, stdio: ['inherit', 'pipe', 'pipe'] })
  let output: Buffer = Buffer.alloc(0)
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      output = Buffer.concat([output, chunk]).subarray(-keptBytes)
    })
    // With its back-pressure.
    from.pipe(to, { end: false })
  }
  stopRequest().then(
    () => child.kill('SIGTERM'),
    () => undefined,
  )
  return new Promise(resolve => {
    child.once('error', error => {
      const fault = `The command ${program} cannot be started: ${Object(error).code ?? error.message}.`
      resolve({ code: 127, output: Buffer.from(fault), fault })
    })
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128 + (signal ? (constants.signals[signal] ?? 0) : 0), output })
    })
  })
}

const redacted = (output: Buffer, token: string) => Buffer.from(output.toString().replaceAll(token, '[token]'))

interface Place {
  base: string
  token: string
  rid: string
}

const pausesMs = [1000, 2000, 4000, 8000]

/** The monitor limits the reports of a minute. What asks for a longer pause, such as after wrong tokens, is not waited for. */
const longestAskedMs = 60_000

/** Returns why it could not; undefined: it could. */
async function report({ base, token, rid }: Place, event: string, output?: Buffer): Promise<string | undefined> {
  for (let tried = 0; ; tried++) {
    const fault = await fetch(`${base}/${event}?rid=${rid}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
      ...(output && { body: new Uint8Array(output) }),
    }).then(
      async response => {
        await response.body?.cancel()
        const { ok, status, headers } = response
        const retryAfter = headers.get('retry-after')
        return ok ? undefined : { text: `the monitor answered ${status}`, status, retryAfter }
      },
      (error: Error) => ({ text: String(Object(error.cause).code ?? error.message), status: 503, retryAfter: null }),
    )
    if (!fault) return undefined
    const pauseMs = pausesMs[tried]
    const mayPass = fault.status === 429 || fault.status >= 500
    if (!mayPass || pauseMs === undefined) return fault.text
    const askedMs = retryAfterMs(fault, new Date()) ?? 0
    await pause(askedMs > longestAskedMs ? pauseMs : Math.max(pauseMs, askedMs))
  }
}
