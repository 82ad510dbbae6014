/** What channels have to be told, by the turns of verdicts alone: kept in memory, without the store. */

import type { CheckRules } from '../store/check-rules.ts'
import type { News } from '../store/messages.ts'
import type { Finding } from '../verdict/finding.ts'
import { judge, noVerdict, type Verdict } from '../verdict/verdict.ts'

export interface Told {
  check: string
  news: News
  /** What it was found in. */
  found: string
}

interface ModelledCheck {
  life: number
  rules: CheckRules
  verdict: Verdict
  incident: ModelledIncident | undefined
  /** The channels that were told that nobody can see it. */
  unseenBy: Set<string>
}

interface ModelledIncident {
  id: number
  environment: string
  openedAt: number
  down: Set<string>
  /** By channel: the checks that it was told to be in it. */
  told: Map<string, Set<string>>
}

export interface Model {
  /** By `CHANNEL incident ID` and `CHANNEL sight ENVIRONMENT`, in order. */
  readonly told: ReadonlyMap<string, Told[]>
  /** Of a check that is configured: another number each time that it comes back. */
  lifeOf(check: string): number | undefined
  /** Removes the others. */
  configure(rules: readonly CheckRules[], found: string): void
  /** @param found As told. */
  judge(check: string, slot: { due: number; finding: Finding }, isMuted: boolean, found: string): void
}

/** Incidents are numbered from 1. */
export function createModel(): Model {
  const told = new Map<string, Told[]>()
  const checks = new Map<string, ModelledCheck>()
  const incidents: ModelledIncident[] = []
  let lives = 0

  const say = (stream: string, entry: Told) => void told.set(stream, [...(told.get(stream) ?? []), entry])

  /** All that the channel does not know of the incident, and this. */
  const tell = (incident: ModelledIncident, channel: string, own: Told) => {
    const known = incident.told.get(channel) ?? new Set<string>()
    incident.told.set(channel, known)
    const stream = `${channel} incident ${incident.id}`
    const fallen = [...incident.down].filter(name => !known.has(name))
    for (const check of fallen) {
      known.add(check)
      checks.get(check)?.unseenBy.delete(channel)
      if (check !== own.check) say(stream, { ...own, check, news: 'fell' })
    }
    say(stream, own)
    if (own.news === 'recovered' || own.news === 'removed') known.delete(own.check)
    if (own.news !== 'flapping') checks.get(own.check)?.unseenBy.delete(channel)
  }
  const channelsTold = (incident: ModelledIncident, check: string) =>
    [...incident.told].filter(([, known]) => known.has(check)).map(([channel]) => channel)

  const joined = ({ name, environment, dependsOn }: CheckRules, due: number) =>
    incidents.find(
      incident =>
        incident.down.size > 0 &&
        ((incident.environment === environment && Math.abs(incident.openedAt - due) < 300_000) ||
          [...incident.down].some(
            other => dependsOn.includes(other) || checks.get(other)?.rules.dependsOn.includes(name),
          )),
    )

  const open = (rules: CheckRules, due: number): ModelledIncident => {
    const { environment } = rules
    const incident = joined(rules, due) ?? {
      ...{ id: incidents.length + 1, environment, openedAt: due },
      ...{ down: new Set<string>(), told: new Map<string, Set<string>>() },
    }
    if (!incidents.includes(incident)) incidents.push(incident)
    incident.down.add(rules.name)
    return incident
  }

  return {
    told,
    lifeOf: check => checks.get(check)?.life,
    configure(configured, found) {
      const gone = [...checks.values()].filter(({ rules }) => !configured.some(({ name }) => name === rules.name))
      gone.sort((a, b) => (a.rules.name < b.rules.name ? -1 : 1))
      for (const { rules, incident } of gone) incident?.down.delete(rules.name)
      for (const { rules, incident, unseenBy } of gone) {
        const removal: Told = { check: rules.name, news: 'removed', found }
        if (incident) for (const channel of channelsTold(incident, rules.name)) tell(incident, channel, removal)
        for (const channel of unseenBy) say(`${channel} sight ${rules.environment}`, removal)
      }
      for (const { rules } of gone) checks.delete(rules.name)
      for (const rules of configured) {
        const anew = { life: ++lives, verdict: noVerdict, incident: undefined, unseenBy: new Set<string>() }
        checks.set(rules.name, { ...(checks.get(rules.name) ?? anew), rules })
      }
    },
    judge(name, slot, isMuted, found) {
      const check = checks.get(name)
      if (!check) return
      const { rules, unseenBy } = check
      const { verdict, transitions } = judge(rules.policy, [slot], check.verdict)
      const happened = (wanted: string) => transitions.some(({ kind }) => kind === wanted)
      check.verdict = verdict
      const told = (news: News): Told => ({ check: name, news, found })
      if (happened('opened')) check.incident = open(rules, slot.due)
      const { incident } = check
      if (incident && happened('closed')) {
        incident.down.delete(name)
        check.incident = undefined
        for (const channel of channelsTold(incident, name)) tell(incident, channel, told('recovered'))
      } else if (incident && !isMuted) {
        for (const channel of new Set([...rules.channels, ...incident.told.keys()])) {
          if (!incident.told.get(channel)?.has(name)) tell(incident, channel, told('fell'))
        }
        if (happened('flapping')) for (const channel of incident.told.keys()) tell(incident, channel, told('flapping'))
      }
      const stream = (channel: string) => `${channel} sight ${rules.environment}`
      if (verdict.state === 'unknown') {
        if (verdict.since === undefined || isMuted) return
        for (const channel of rules.channels.filter(channel => !unseenBy.has(channel))) {
          say(stream(channel), told('unknown'))
          unseenBy.add(channel)
        }
      } else if (!isMuted || verdict.state !== 'down') {
        for (const channel of unseenBy) say(stream(channel), told('known'))
        unseenBy.clear()
      }
    },
  }
}
