/** Compiles the heartbeats of a configuration that are watched: their due times, and what their reports are checked with. */
import { Redactor } from '../../environment/secrets/redaction/redactor.ts'
import { reveal, secretNames, shortest } from '../../environment/secrets/secret.ts'
import type { Configuration, Heartbeat } from '../config/configuration.ts'
import { secretsOf } from '../config/secret-faults.ts'
import { dueTimes } from '../schedule/due-times.ts'
import { firstDueWithinYear } from '../schedule/next-due.ts'
import type { CheckRules } from '../store/check-rules.ts'
import type { ActiveHeartbeat } from '../store/heartbeats.ts'
import { defaultPolicy } from '../verdict/policy.ts'

interface WatchedHeartbeat extends ActiveHeartbeat {
  /** Its value. */
  token: string
}

export interface CompiledHeartbeats {
  readonly all: readonly WatchedHeartbeat[]
  /** Replaces the values of the configuration's secrets. */
  redact(text: string): string
  close(): void
}

/** Throws for a token that is not set. */
export function compileHeartbeats(configuration: Configuration, env: NodeJS.ProcessEnv): CompiledHeartbeats {
  const closing: (() => void)[] = []
  const nextDueOf = ({ cron, timezone }: Heartbeat): ActiveHeartbeat['nextDue'] => {
    if (cron === undefined) return () => undefined
    const times = dueTimes({ cron, timezone })
    closing.push(times.close)
    return after => firstDueWithinYear(times, after)
  }
  const all = configuration.heartbeats.flatMap(heartbeat =>
    heartbeat.token === undefined
      ? []
      : [
          {
            name: heartbeat.name,
            ...timesOf(heartbeat),
            schedule: scheduleOf(heartbeat),
            nextDue: nextDueOf(heartbeat),
            token: reveal(heartbeat.token, env),
          },
        ],
  )
  const redactor = Redactor.of(secretsIn(configuration, env), env)
  return {
    all,
    redact: text => redactor.text(text),
    close: () => {
      for (const close of closing) close()
    },
  }
}

/** Of a heartbeat that is watched. It has no slots in the queue, so that no instance replays it. */
export function heartbeatRules(heartbeat: Heartbeat, dependsOn: readonly string[]): CheckRules {
  const { name, environment, channels, severity, tags, runbook } = heartbeat
  return {
    name,
    environment,
    locations: [],
    // Each report is certain.
    policy: { confirm: { down: 1, up: 1 }, locations: { count: 1, agree: 1 }, blindAfter: 1, flapping },
    confirmEveryMs: 0,
    dependsOn,
    channels,
    severity,
    ...(tags.length > 0 && { tags }),
    ...(runbook !== undefined && { runbook }),
    schedule: scheduleOf(heartbeat),
    source: 'heartbeat',
    heartbeat: timesOf(heartbeat),
  }
}

const { flapping } = defaultPolicy

function timesOf({ everyMs, graceMs, maxRunMs }: Heartbeat) {
  return { graceMs, ...(everyMs !== undefined && { everyMs }), ...(maxRunMs !== undefined && { maxRunMs }) }
}

const scheduleOf = ({ cron, timezone, everyMs }: Heartbeat) =>
  cron === undefined ? `every ${everyMs} ms` : `${cron} ${timezone}`

/** Those that are set. */
function secretsIn({ environments, channels, evidence, heartbeats, watchdog }: Configuration, env: NodeJS.ProcessEnv) {
  const others = secretNames([channels, evidence, heartbeats, watchdog])
  const names = new Set([...Object.values(environments).flatMap(secretsOf), ...others])
  return [...names].filter(name => (env[name] ?? '').length >= shortest)
}
