/** Leaves out of incidents what the viewer may not see. To the viewer, an incident consists of the visible checks only. */
import type { IncidentDetails } from '../store/incident-details.ts'
import type { IncidentSummary } from '../store/incident-history.ts'
import { type Visibility, visibleNames } from './visibility.ts'
import { spanOf } from './visible-span.ts'

/** Undefined if none of its checks is visible. */
export function visibleIncident(incident: IncidentDetails, visibility: Visibility): IncidentDetails | undefined {
  if (visibility.isOperator) return incident
  const checks = incident.checks.filter(({ name }) => visibility.sees(name))
  if (checks.length === 0) return undefined
  const seen = <Of extends { check: string }>(entries: Of[]) => entries.filter(({ check }) => visibility.sees(check))
  const [transitions, firstReplays] = [seen(incident.transitions), seen(incident.firstReplays)]
  // Even without the names of channels, messages would show that there were others.
  const messages = visibility.channels ? incident.messages : []
  return visibleNames({ ...incident, ...spanOf(checks), checks, transitions, firstReplays, messages }, visibility)
}

/** Undefined if none of its checks is visible. */
export function visibleSummary(incident: IncidentSummary, visibility: Visibility): IncidentSummary | undefined {
  if (visibility.isOperator) return incident
  const checks = incident.checks.filter(({ name }) => visibility.sees(name))
  if (checks.length === 0) return undefined
  return visibleNames({ ...incident, ...spanOf(checks), checks }, visibility)
}
