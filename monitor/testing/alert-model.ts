/** Models in memory, without the store, which messages channels should get for the transitions of verdicts. */
import type { CheckRules } from '../store/check-rules.ts'
import type { News } from '../store/messages.ts'
import { recipientsOfCheck, withinRoutes } from '../store/recipients.ts'
import type { Route } from '../store/routes.ts'
import type { Finding } from '../verdict/finding.ts'
import { judge, noVerdict, type Verdict } from '../verdict/verdict.ts'

export interface ExpectedNews {
  check: string
  news: News
  /** The run, or the change of configuration, that caused it. */
  found: string
  /** Its message also has falls, for which it is sent in any case. */
  isWithFalls?: true
}

/** What is known of the deliveries until now. */
export interface Deliveries {
  /** How many messages a channel has accepted with the news that a check is unknown. */
  accepted(channel: string, check: string): number
  /** How many messages of an incident were sent to a channel with the news that a check flaps, whether it accepted them or not. */
  flapping(channel: string, incident: number, check: string): number
}

interface ModelledCheck {
  life: number
  rules: CheckRules
  verdict: Verdict
  incident: ModelledIncident | undefined
  /** The channels with an open alert that its state is unknown. */
  unknownTo: Set<string>
}

interface ModelledIncident {
  id: number
  environment: string
  openedAt: number
  down: Set<string>
  /** All checks that have belonged to it, with their last rules. */
  members: Map<string, CheckRules>
  isAcknowledged: boolean
  /** By channel: the checks of which it has an open alert. */
  alerted: Map<string, Set<string>>
}

export interface Model {
  /** By `CHANNEL incident ID` and `CHANNEL unknown ENVIRONMENT`, in order. */
  readonly expected: ReadonlyMap<string, ExpectedNews[]>
  /** Distinguishes checks of the same name that were removed and added again. */
  lifeOf(check: string): number | undefined
  /** Replaces the configured checks, and the routes. */
  configure(rules: readonly CheckRules[], found: string, routes?: readonly Route[]): void
  /** Sets whether an incident is acknowledged. */
  acknowledge(incident: number, isAcknowledged: boolean): void
  /** @param found The run that caused it. */
  judge(check: string, slot: { due: number; finding: Finding }, isMuted: boolean, found: string): void
}

/** Incidents are numbered from 1. */
export function createModel(deliveries: Deliveries): Model {
  const expected = new Map<string, ExpectedNews[]>()
  const checks = new Map<string, ModelledCheck>()
  const incidents: ModelledIncident[] = []
  let lives = 0
  let routes: readonly Route[] = []

  const expectNews = (stream: string, entry: ExpectedNews) =>
    void expected.set(stream, [...(expected.get(stream) ?? []), entry])

  /** News of a check's state ends that it is unknown, unless the message about that is still to be accepted: it may arrive later. */
  const endUnknown = (channel: string, check: string) => {
    const streams = [...expected].filter(([stream]) => stream.startsWith(`${channel} unknown `))
    const sent = streams.flatMap(([, all]) => all).filter(entry => entry.check === check && entry.news === 'unknown')
    if (deliveries.accepted(channel, check) >= sent.length) checks.get(check)?.unknownTo.delete(channel)
  }

  /** Adds this news, and all news of the incident that the channel does not have. */
  const alert = (incident: ModelledIncident, channel: string, own: ExpectedNews) => {
    const known = incident.alerted.get(channel) ?? new Set<string>()
    incident.alerted.set(channel, known)
    const stream = `${channel} incident ${incident.id}`
    const fallen = [...incident.down].filter(name => !known.has(name))
    for (const check of fallen) {
      known.add(check)
      endUnknown(channel, check)
      if (check !== own.check) expectNews(stream, { ...own, check, news: 'fell' })
    }
    expectNews(stream, own.news === 'flapping' && fallen.length > 0 ? { ...own, isWithFalls: true } : own)
    if (own.news === 'recovered' || own.news === 'removed') known.delete(own.check)
    if (own.news !== 'flapping') endUnknown(channel, own.check)
  }
  const alertedChannels = (incident: ModelledIncident, check: string) =>
    [...incident.alerted].filter(([, known]) => known.has(check)).map(([channel]) => channel)

  /** What was not sent yet is not sent after an acknowledgement. */
  const withdrawFlapping = ({ id }: ModelledIncident) => {
    for (const [stream, all] of expected) {
      const [channel = ''] = stream.split(' ')
      if (stream !== `${channel} incident ${id}`) continue
      const isKept = ({ check, news, isWithFalls }: ExpectedNews, at: number) => {
        if (news !== 'flapping' || isWithFalls) return true
        const before = all.slice(0, at).filter(other => other.check === check && other.news === 'flapping').length
        return before < deliveries.flapping(channel, id, check)
      }
      expected.set(stream, all.filter(isKept))
    }
  }

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
      ...{ down: new Set<string>(), members: new Map<string, CheckRules>(), isAcknowledged: false },
      alerted: new Map<string, Set<string>>(),
    }
    if (!incidents.includes(incident)) incidents.push(incident)
    incident.down.add(rules.name)
    incident.members.set(rules.name, rules)
    return incident
  }

  /** Only channels that do not know an acknowledged incident are alerted of a check that joins it, unless it is critical. */
  const isKnownToOperators = (incident: ModelledIncident, { name, severity }: CheckRules) => {
    const isReported = (other: string) =>
      !incident.down.has(other) || [...incident.alerted.values()].some(known => known.has(other))
    const others = [...incident.members.values()].filter(other => other.name !== name && other.severity !== 'warning')
    return incident.isAcknowledged && (severity === 'warning' || others.some(other => isReported(other.name)))
  }

  return {
    expected,
    lifeOf: check => checks.get(check)?.life,
    acknowledge(id, isAcknowledged) {
      for (const incident of incidents.filter(incident => incident.id === id)) {
        if (isAcknowledged && !incident.isAcknowledged) withdrawFlapping(incident)
        incident.isAcknowledged = isAcknowledged
      }
    },
    configure(configured, found, now = []) {
      routes = now
      const gone = [...checks.values()].filter(({ rules }) => !configured.some(({ name }) => name === rules.name))
      gone.sort((a, b) => (a.rules.name < b.rules.name ? -1 : 1))
      for (const { rules, incident } of gone) incident?.down.delete(rules.name)
      for (const { rules, incident, unknownTo } of gone) {
        const removal: ExpectedNews = { check: rules.name, news: 'removed', found }
        if (incident) for (const channel of alertedChannels(incident, rules.name)) alert(incident, channel, removal)
        for (const channel of unknownTo) expectNews(`${channel} unknown ${rules.environment}`, removal)
      }
      for (const { rules } of gone) checks.delete(rules.name)
      for (const rules of configured) {
        const anew = { life: ++lives, verdict: noVerdict, incident: undefined, unknownTo: new Set<string>() }
        checks.set(rules.name, { ...(checks.get(rules.name) ?? anew), rules })
      }
    },
    judge(name, slot, isMuted, found) {
      const check = checks.get(name)
      if (!check) return
      const { rules, unknownTo } = check
      const { verdict, transitions } = judge(rules.policy, [slot], check.verdict)
      const happened = (wanted: string) => transitions.some(({ kind }) => kind === wanted)
      check.verdict = verdict
      const withFound = (news: News): ExpectedNews => ({ check: name, news, found })
      if (happened('opened')) check.incident = open(rules, slot.due)
      const { incident } = check
      if (incident && happened('closed')) {
        incident.down.delete(name)
        check.incident = undefined
        for (const channel of alertedChannels(incident, name)) alert(incident, channel, withFound('recovered'))
      } else if (incident && !isMuted) {
        const isKnown = isKnownToOperators(incident, rules)
        const knowing = [...incident.alerted.keys()]
        for (const channel of new Set([...recipientsOfCheck({ routes }, 'down', rules), ...knowing])) {
          if (incident.alerted.get(channel)?.has(name) || (isKnown && knowing.includes(channel))) continue
          alert(incident, channel, withFound('fell'))
        }
        if (happened('flapping') && !incident.isAcknowledged) {
          for (const channel of withinRoutes({ routes }, 'flapping', rules, [...incident.alerted.keys()]))
            alert(incident, channel, withFound('flapping'))
        }
      }
      const stream = (channel: string) => `${channel} unknown ${rules.environment}`
      if (verdict.state === 'unknown') {
        if (verdict.since === undefined || isMuted) return
        const recipients = recipientsOfCheck({ routes }, 'unknown', rules)
        for (const channel of recipients.filter(channel => !unknownTo.has(channel))) {
          expectNews(stream(channel), withFound('unknown'))
          unknownTo.add(channel)
        }
      } else if (!isMuted || verdict.state !== 'down') {
        for (const channel of unknownTo) expectNews(stream(channel), withFound('known'))
        unknownTo.clear()
      }
    },
  }
}
