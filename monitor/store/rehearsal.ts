/** Judges the stored history by other rules. */
import type pg from 'pg'
import { findingOf } from '../verdict/finding.ts'
import { type JudgedSlot, judge, noVerdict, type Verdict } from '../verdict/verdict.ts'
import { type AlertRules, plainAlertRules } from './alert-rules.ts'
import type { CheckRules, IsInMaintenance } from './check-rules.ts'
import { joins } from './incidents.ts'
import type { PastIncident } from './past-incidents.ts'
import { recipientsOfCheck } from './recipients.ts'
import { readSlotGroups } from './slot-groups.ts'

/**
 * Returns the incidents since a time by these rules, from the recorded slots. Confirming slots are those that the rules
 * of the time required; the new rules might have required others. Read-only.
 */
export async function rehearse(
  pool: pg.Pool,
  checks: readonly CheckRules[],
  since: Date,
  isInMaintenance: IsInMaintenance,
  alertRules: AlertRules = plainAlertRules,
): Promise<PastIncident[]> {
  const slots: PastSlot[] = []
  for (const check of checks) for (const slot of await slotsOf(pool, check, since)) slots.push(slot)
  // After the database's clock was set back, the same hour comes twice, one after the other.
  slots.sort((a, b) => a.setBacks - b.setBacks || a.slot.due - b.slot.due)
  return incidentsOf(slots, isInMaintenance, alertRules).sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime())
}

interface PastSlot {
  check: CheckRules
  slot: JudgedSlot
  setBacks: number
}

async function slotsOf(pool: pg.Pool, check: CheckRules, since: Date): Promise<PastSlot[]> {
  const slots: PastSlot[] = []
  for (const { due, outcomes, isClosed, wasSkipped, setBacks } of await readSlotGroups(pool, check.name, since)) {
    const finding = findingOf(outcomes, check.policy, true)
    if (finding === undefined || !isClosed || wasSkipped) continue
    slots.push({ check, slot: { due: due.getTime(), finding }, setBacks })
  }
  return slots
}

/** Opens, joins, alerts and closes incidents as the service would have. */
function incidentsOf(
  slots: readonly PastSlot[],
  isInMaintenance: IsInMaintenance,
  alertRules: AlertRules,
): PastIncident[] {
  const incidents: (PastIncident & { down: Map<string, CheckRules> })[] = []
  const verdicts = new Map<string, Verdict>()
  const openOf = (name: string) => incidents.find(({ closedAt, down }) => closedAt === null && down.has(name))
  for (const { check, slot } of slots) {
    const { name, environment } = check
    const at = new Date(slot.due)
    const { verdict, transitions } = judge(check.policy, [slot], verdicts.get(name) ?? noVerdict)
    verdicts.set(name, verdict)
    if (transitions.some(({ kind }) => kind === 'opened')) {
      const known = incidents.find(({ closedAt, down, ...open }) => {
        return closedAt === null && joins(check, at, { ...open, down: [...down.values()] })
      })
      const incident = known ?? {
        ...{ environment, openedAt: at, closedAt: null, checks: [], flaps: false, channels: [] },
        down: new Map<string, CheckRules>(),
      }
      if (!known) incidents.push(incident)
      incident.down.set(name, check)
      if (!incident.checks.includes(name)) incident.checks.push(name)
    }
    const open = openOf(name)
    if (!open) continue
    if (verdict.incident !== undefined && !isInMaintenance(name, at)) {
      const alerted = recipientsOfCheck(alertRules, 'down', check)
      open.channels.push(...alerted.filter(channel => !open.channels.includes(channel)))
      open.flaps ||= transitions.some(({ kind }) => kind === 'flapping')
    }
    if (transitions.some(({ kind }) => kind === 'closed')) {
      open.down.delete(name)
      if (open.down.size === 0) open.closedAt = at
    }
  }
  return incidents.map(({ down: _down, checks, channels, ...incident }) => {
    return { ...incident, checks: checks.sort(), channels: channels.sort() }
  })
}
