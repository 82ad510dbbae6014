/** Runs checks from the command line, recorded by the monitor like any other run: with slots, states and alerts. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { openEvidence } from '../evidence/evidence.ts'
import type { RunDocument } from '../replay/document.ts'
import { type RunRequest, replay } from '../replay/replay.ts'
import { maintenance } from '../schedule/maintenance.ts'
import { readUnknown } from '../store/checks.ts'
import { handBack, type StartingReplay, startRun } from '../store/claims.ts'
import { databaseLedger } from '../store/database-ledger.ts'
import { beat, enter, type Instance, leave } from '../store/instances.ts'
import { takeNow } from '../store/manual-slots.ts'
import { recordResult } from '../store/replays.ts'
import { beatEveryMs } from './instance-heartbeat.ts'
import { type CheckResult, ownFault, resultOf } from './run.ts'

/**
 * Throws for checks that are being replayed or are unknown to the monitor's database, and the errors of the run and the
 * database.
 */
export async function recordedRun(pool: pg.Pool, location: string, request: RunRequest): Promise<RunDocument> {
  const instance = await enter(pool, { location, capacity: Math.max(1, request.checks.length) })
  const beating = setInterval(() => beat(pool, instance).catch(() => undefined), beatEveryMs)
  const windows = maintenance(request.configuration.maintenance)
  const record = async (started: readonly StartingReplay[], outcomeOf: (check: string) => CheckResult) => {
    for (const replay of started) {
      await recordResult(pool, { ...replay, ...outcomeOf(replay.check), endedAt: new Date() }, windows.includes)
    }
  }
  try {
    const started = await start(pool, instance, request)
    const ids = new Map(started.map(({ check, replay: id }) => [check, id]))
    try {
      const unknown = await readUnknown(pool, [...ids.keys()])
      const format = request.configuration.evidence.store === 'folder' ? 'page' : 'both'
      const document = await replay({ ...request, ids, unknown, format, openLedger: databaseLedger(pool) })
      await record(started, check => resultOf(document, check))
      await upload(pool, request)
      return document
    } catch (error) {
      await record(started, () => ownFault((error as Error).message))
      throw error
    }
  } finally {
    windows.close()
    clearInterval(beating)
    await handBack(pool, instance)
    await leave(pool, instance)
  }
}

/** What cannot be moved waits on disk for the next run, or for a monitor of this folder. */
async function upload(pool: pg.Pool, { configuration, env, complain }: RunRequest): Promise<void> {
  const evidence = openEvidence({ pool, env, configuration: () => configuration })
  const late = pause(uploadMs, undefined, { ref: false }).then(() => {
    throw new Error('its store takes too long')
  })
  try {
    await Promise.race([evidence.upload(), late])
  } catch (error) {
    complain(`The evidence of the run waits in .reprise/runs: ${(error as Error).message}`)
  } finally {
    evidence.close()
    late.catch(() => undefined)
  }
}

const uploadMs = 30_000

async function start(pool: pg.Pool, instance: Instance, { name, checks }: RunRequest): Promise<StartingReplay[]> {
  const names = checks.map(check => check.name)
  const slots = await takeNow(pool, instance, names, name)
  const others = names.filter(other => !slots.some(({ check }) => check === other))
  if (others.length > 0) {
    throw new Error(
      `Cannot be recorded now: ${others.join(', ')}. Either it is being replayed at "${instance.location}", or the monitor has not been started with it there: start the monitor once with this configuration, or run without --record.`,
    )
  }
  const wanted = slots.map(slot => ({ ...slot, replay: randomUUID() }))
  return startRun(pool, instance, { id: randomUUID(), environment: name }, wanted)
}
