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
  /** The incident ended with it. */
  isEnd?: true
}

/** What was delivered until now, by stream as in `Model.expected`. */
export interface Deliveries {
  /** In the messages that were sent, whether they were accepted or not. */
  tried(stream: string): readonly DeliveredNews[]
  /** In the messages whose acceptance is stored. */
  settled(stream: string): readonly DeliveredNews[]
}

export interface DeliveredNews {
  check: string
  news: News
}

interface ModelledCheck {
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
  /** All checks that have belonged to it. */
  members: Set<string>
  isAcknowledged: boolean
  /** By channel: the checks of which it has an open alert. */
  alerted: Map<string, Set<string>>
}

export interface Configured {
  checks: readonly CheckRules[]
  routes: readonly Route[]
  channels: readonly string[]
}

export interface Model {
  /** By stream, in order. Of a channel that was removed: what it has got before. */
  readonly expected: ReadonlyMap<string, ExpectedNews[]>
  /** Streams to channels that were removed while they waited. */
  readonly cut: ReadonlySet<string>
  /**
   * How many checks joined an incident only because they depend on a check in it, or only because one depends on them; and how many
   * did not, because that check had left it.
   */
  readonly joins: { byOwn: number; byOther: number; none: number }
  readonly openIncidents: number
  /** How many incidents ended because the last check recovered. */
  readonly recoveries: number
  /** How many times a fall was not sent to a channel because its incident was acknowledged. */
  readonly withheld: number
  /** How many times the environment of a check has changed. */
  readonly moves: number
  /** How many falls and unknown states a channel had not got when it was removed. */
  readonly forgotten: { fell: number; unknown: number }
  /** `CHANNEL/STAY incident ID` or `CHANNEL/STAY unknown ENVIRONMENT`; the stay ends when the channel is removed. */
  streamOf(channel: string, about: string): string
  verdictOf(check: string): Verdict | undefined
  /** Replaces the configured checks, routes and channels. Returns the checks that were removed. */
  configure(configured: Configured, found: string): string[]
  /** Sets whether an incident is acknowledged. */
  acknowledge(incident: number, isAcknowledged: boolean): void
  /** @param found The run that caused it. */
  judge(check: string, slot: { due: number; finding: Finding }, isMuted: boolean, found: string): void
}

/** Incidents are numbered from 1. */
export function createModel(deliveries: Deliveries): Model {
  const expected = new Map<string, ExpectedNews[]>()
  const cut = new Set<string>()
  const checks = new Map<string, ModelledCheck>()
  /** Also of checks that were removed. */
  const lastRules = new Map<string, CheckRules>()
  const incidents: ModelledIncident[] = []
  const joins = { byOwn: 0, byOther: 0, none: 0 }
  const forgotten = { fell: 0, unknown: 0 }
  const stays = new Map<string, number>()
  let channels: readonly string[] = []
  let [recoveries, moves, withheld] = [0, 0, 0]
  let routes: readonly Route[] = []

  const streamOf = (channel: string, about: string) => `${channel}/${stays.get(channel) ?? 1} ${about}`
  const isConfigured = (channel: string) => channels.includes(channel)
  const expectNews = (channel: string, about: string, entry: ExpectedNews) => {
    if (!isConfigured(channel)) return
    const stream = streamOf(channel, about)
    expected.set(stream, [...(expected.get(stream) ?? []), entry])
  }

  /** News of a check's state ends that it is unknown, unless the message about that is still to be accepted: it may arrive later. */
  const endUnknown = (channel: string, check: string) => {
    const streams = [...expected.keys()].filter(stream => stream.startsWith(streamOf(channel, 'unknown ')))
    const count = (all: readonly DeliveredNews[]) =>
      all.filter(entry => entry.check === check && entry.news === 'unknown').length
    const sent = streams.reduce((sum, stream) => sum + count(expected.get(stream) ?? []), 0)
    const settled = streams.reduce((sum, stream) => sum + count(deliveries.settled(stream)), 0)
    if (settled >= sent) checks.get(check)?.unknownTo.delete(channel)
  }

  /** Adds this news, and all news of the incident that the channel does not have. A channel that is not configured gets none of it. */
  const alert = (incident: ModelledIncident, channel: string, own: ExpectedNews) => {
    const known = incident.alerted.get(channel) ?? new Set<string>()
    incident.alerted.set(channel, known)
    const about = `incident ${incident.id}`
    const fallen = [...incident.down].filter(name => !known.has(name))
    for (const check of fallen) {
      if (isConfigured(channel)) known.add(check)
      endUnknown(channel, check)
      if (check !== own.check) expectNews(channel, about, { ...own, check, news: 'fell' })
    }
    const isEnd = incident.down.size === 0 && { isEnd: true as const }
    const isWithFalls = own.news === 'flapping' && fallen.length > 0 && { isWithFalls: true as const }
    expectNews(channel, about, { ...own, ...isWithFalls, ...isEnd })
    if (own.news === 'recovered' || own.news === 'removed') known.delete(own.check)
    if (own.news !== 'flapping') endUnknown(channel, own.check)
  }
  const alertedChannels = (incident: ModelledIncident, check: string) =>
    [...incident.alerted].filter(([, known]) => known.has(check)).map(([channel]) => channel)
  /** The configured channels with a message of the incident. */
  const knowingChannels = (incident: ModelledIncident) => [...incident.alerted.keys()].filter(isConfigured)

  /** What was not sent yet is not sent after an acknowledgement. */
  const withdrawFlapping = ({ id }: ModelledIncident) => {
    for (const channel of channels) {
      const stream = streamOf(channel, `incident ${id}`)
      const all = expected.get(stream)
      const isKept = ({ check, news, isWithFalls }: ExpectedNews, at: number) => {
        if (news !== 'flapping' || isWithFalls) return true
        const count = (entries: readonly DeliveredNews[]) =>
          entries.filter(other => other.check === check && other.news === 'flapping').length
        return count(all?.slice(0, at) ?? []) < count(deliveries.tried(stream))
      }
      if (all) expected.set(stream, all.filter(isKept))
    }
  }

  /** News of a check, in order, that was not settled. Flapping overtakes the others, and opens no alert. */
  const unsettled = (stream: string, check: string): News[] => {
    const own = (all: readonly DeliveredNews[]) =>
      all.filter(entry => entry.check === check && entry.news !== 'flapping')
    return own(expected.get(stream) ?? [])
      .slice(own(deliveries.settled(stream)).length)
      .map(({ news }) => news)
  }

  /** What waits for a channel that was removed is closed. What it has not got, it gets when it comes back, if that still holds. */
  const leave = (channel: string) => {
    const stay = stays.get(channel) ?? 1
    for (const [name, { unknownTo }] of checks) {
      const streams = [...expected.keys()].filter(stream => stream.startsWith(streamOf(channel, 'unknown ')))
      if (!streams.some(stream => unsettled(stream, name).includes('unknown'))) continue
      if (unknownTo.delete(channel)) forgotten.unknown++
    }
    for (const { id, alerted } of incidents) {
      const known = alerted.get(channel)
      for (const check of known ?? []) {
        if (!unsettled(streamOf(channel, `incident ${id}`), check).includes('fell')) continue
        known?.delete(check)
        forgotten.fell++
      }
      const earlier = Array.from({ length: stay }, (_, nth) => `${channel}/${nth + 1} incident ${id}`)
      if (earlier.every(stream => deliveries.settled(stream).length === 0)) alerted.delete(channel)
    }
    for (const stream of expected.keys()) if (stream.startsWith(`${channel}/${stay} `)) cut.add(stream)
    stays.set(channel, stay + 1)
  }

  const joined = ({ name, environment, dependsOn }: CheckRules, due: number) => {
    const open = incidents.filter(({ down }) => down.size > 0)
    const isTogether = (incident: ModelledIncident) =>
      incident.environment === environment && Math.abs(incident.openedAt - due) < 300_000
    const isOwn = ({ down }: ModelledIncident) => [...down].some(other => dependsOn.includes(other))
    const isOther = ({ down }: ModelledIncident) =>
      [...down].some(other => checks.get(other)?.rules.dependsOn.includes(name))
    const found = open.find(incident => isTogether(incident) || isOwn(incident) || isOther(incident))
    if (found && !isTogether(found) && isOwn(found) !== isOther(found)) joins[isOwn(found) ? 'byOwn' : 'byOther']++
    const hasLeft = ({ down, members }: ModelledIncident) =>
      [...members].some(
        other => !down.has(other) && (dependsOn.includes(other) || lastRules.get(other)?.dependsOn.includes(name)),
      )
    if (!found && open.some(hasLeft)) joins.none++
    return found
  }

  const open = (rules: CheckRules, due: number): ModelledIncident => {
    const { environment } = rules
    const incident = joined(rules, due) ?? {
      ...{ id: incidents.length + 1, environment, openedAt: due },
      ...{ down: new Set<string>(), members: new Set<string>(), isAcknowledged: false },
      alerted: new Map<string, Set<string>>(),
    }
    if (!incidents.includes(incident)) incidents.push(incident)
    incident.down.add(rules.name)
    incident.members.add(rules.name)
    return incident
  }

  /** Only channels that do not know an acknowledged incident are alerted of a check that joins it, unless it is critical. */
  const isKnownToOperators = (incident: ModelledIncident, { name, severity }: CheckRules) => {
    const isReported = (other: string) =>
      !incident.down.has(other) || [...incident.alerted.values()].some(known => known.has(other))
    const others = [...incident.members].filter(other => other !== name && lastRules.get(other)?.severity !== 'warning')
    return incident.isAcknowledged && (severity === 'warning' || others.some(isReported))
  }

  return {
    expected,
    cut,
    joins,
    forgotten,
    get openIncidents() {
      return incidents.filter(({ down }) => down.size > 0).length
    },
    get recoveries() {
      return recoveries
    },
    get withheld() {
      return withheld
    },
    get moves() {
      return moves
    },
    streamOf,
    verdictOf: check => checks.get(check)?.verdict,
    acknowledge(id, isAcknowledged) {
      for (const incident of incidents.filter(incident => incident.id === id)) {
        if (isAcknowledged && !incident.isAcknowledged) withdrawFlapping(incident)
        incident.isAcknowledged = isAcknowledged
      }
    },
    configure(configured, found) {
      routes = configured.routes
      const leaving = channels.filter(channel => !configured.channels.includes(channel))
      channels = configured.channels
      for (const channel of leaving) leave(channel)
      // A check whose environment has changed leaves the old one, and begins anew.
      const isStaying = ({ name, environment }: CheckRules) =>
        configured.checks.some(other => other.name === name && other.environment === environment)
      const gone = [...checks.values()].filter(({ rules }) => !isStaying(rules))
      moves += gone.filter(({ rules }) => configured.checks.some(({ name }) => name === rules.name)).length
      gone.sort((a, b) => (a.rules.name < b.rules.name ? -1 : 1))
      for (const { rules, incident } of gone) incident?.down.delete(rules.name)
      for (const { rules, incident, unknownTo } of gone) {
        const removal: ExpectedNews = { check: rules.name, news: 'removed', found }
        if (incident) for (const channel of alertedChannels(incident, rules.name)) alert(incident, channel, removal)
        for (const channel of unknownTo) expectNews(channel, `unknown ${rules.environment}`, removal)
      }
      for (const { rules } of gone) checks.delete(rules.name)
      for (const rules of configured.checks) {
        const anew = { verdict: noVerdict, incident: undefined, unknownTo: new Set<string>() }
        checks.set(rules.name, { ...(checks.get(rules.name) ?? anew), rules })
        lastRules.set(rules.name, rules)
      }
      return gone.map(({ rules }) => rules.name)
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
        if (incident.down.size === 0) recoveries++
        check.incident = undefined
        for (const channel of alertedChannels(incident, name)) alert(incident, channel, withFound('recovered'))
      } else if (incident && !isMuted) {
        const isKnown = isKnownToOperators(incident, rules)
        const knowing = knowingChannels(incident)
        for (const channel of new Set([...recipientsOfCheck({ routes }, 'down', rules), ...knowing])) {
          if (incident.alerted.get(channel)?.has(name)) continue
          if (isKnown && knowing.includes(channel)) withheld++
          else alert(incident, channel, withFound('fell'))
        }
        if (happened('flapping') && !incident.isAcknowledged) {
          for (const channel of withinRoutes({ routes }, 'flapping', rules, knowingChannels(incident)))
            alert(incident, channel, withFound('flapping'))
        }
      }
      const about = `unknown ${rules.environment}`
      if (verdict.state === 'unknown') {
        if (verdict.since === undefined || isMuted) return
        const recipients = recipientsOfCheck({ routes }, 'unknown', rules)
        for (const channel of recipients.filter(channel => !unknownTo.has(channel))) {
          expectNews(channel, about, withFound('unknown'))
          unknownTo.add(channel)
        }
      } else if (!isMuted || verdict.state !== 'down') {
        for (const channel of unknownTo) expectNews(channel, about, withFound('known'))
        unknownTo.clear()
      }
    },
  }
}
