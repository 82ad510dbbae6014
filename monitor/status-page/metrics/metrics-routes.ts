/** `/metrics`: the state of the checks and of the monitor for Prometheus, as text or OpenMetrics. */
import { Router } from 'express'
import { Gauge, Registry } from 'prom-client'
import { readCertificates } from '../../store/certificates.ts'
import { readGauges } from '../../store/gauges.ts'
import { readUptimes } from '../../store/uptime.ts'
import type { PageContext, Routes } from '../page-context.ts'
import { shareWork } from '../shared-work.ts'
import { statusReader } from '../status.ts'
import { visibilityOf } from '../visibility.ts'

const states = ['up', 'degraded', 'down', 'unknown', 'maintenance'] as const

export const metricsRoutes: Routes = context => {
  const share = shareWork<string>()
  const write = metricsWriter(context)
  const router = Router()
  router.get('/metrics', async (request, response) => {
    const { isOperator } = visibilityOf(response)
    const isOpen = /application\/openmetrics-text/.test(request.get('accept') ?? '')
    const contentType = isOpen ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE
    const text = await share(`${contentType} ${isOperator}`, () => write(contentType, isOperator))
    response.set('Content-Type', contentType).send(text)
  })
  return router
}

type ContentType = typeof Registry.OPENMETRICS_CONTENT_TYPE | typeof Registry.PROMETHEUS_CONTENT_TYPE

function metricsWriter({ pool, current, metrics }: Pick<PageContext, 'pool' | 'current' | 'metrics'>) {
  const { readStatus } = statusReader(pool, current)
  return async (contentType: ContentType, isOperator: boolean): Promise<string> => {
    const registry = new Registry<ContentType>()
    registry.setContentType(contentType)
    for (const metric of metrics?.all(isOperator) ?? []) {
      // The registry renames the counters of OpenMetrics; those of the process keep their names.
      registry.registerMetric(Object.create(metric))
    }
    const gauge = <Name extends string>(name: string, help: string, ...labelNames: Name[]) =>
      new Gauge<Name>({ registers: [registry], name: `reprise_${name}`, help, labelNames })
    const status = await readStatus()
    const names = status.checks.map(({ name }) => name)
    const [uptimes, gauges, certificates] = await Promise.all([
      readUptimes(pool, status.at, names),
      readGauges(pool),
      readCertificates(pool),
    ])

    const state = gauge('check_state', 'Whether a check has this state: 1 or 0.', 'check', 'environment', 'state')
    const since = gauge('check_state_since_seconds', 'When the state began, as a Unix time.', 'check', 'environment')
    const last = gauge(
      'check_last_replay_seconds',
      'Due time of the last replay, as a Unix time.',
      'check',
      'environment',
    )
    const stale = gauge('check_stale', 'Whether two due times have passed without a result.', 'check', 'environment')
    const missed = gauge(
      'check_missed_slots',
      'Slots of the last 24 hours that no instance replayed.',
      ...(['check', 'environment'] as const),
    )
    const skipped = gauge(
      'check_skipped_slots',
      'Slots of the last 24 hours that came due while the replay before was running.',
      ...(['check', 'environment'] as const),
    )
    const uptime = gauge(
      'check_uptime_ratio',
      'Share of the watched time in which the check was up, from 0 to 1.',
      ...(['check', 'environment', 'span'] as const),
    )
    for (const { name: check, environment, lastReplay, slots, ...shown } of status.checks) {
      const labels = { check, environment }
      for (const each of states) state.set({ ...labels, state: each }, each === shown.state ? 1 : 0)
      if (shown.since) since.set(labels, shown.since.getTime() / 1000)
      if (lastReplay) last.set(labels, Date.parse(lastReplay.due) / 1000)
      stale.set(labels, shown.stale ? 1 : 0)
      missed.set(labels, slots.missed)
      skipped.set(labels, slots.skipped)
      for (const [span, { up, down }] of Object.entries(uptimes.get(check) ?? {})) {
        if (up + down > 0) uptime.set({ ...labels, span }, up / (up + down))
      }
    }

    const incidents = gauge('incidents_open', 'Open incidents.', 'environment')
    const environments = new Set(status.checks.map(({ environment }) => environment))
    for (const environment of environments) {
      const open = status.incidents.filter(incident => incident.environment === environment)
      incidents.set({ environment }, open.length)
    }
    const slots = gauge('slots', 'Slots that are due, claimed by an instance, or running.', 'state')
    for (const each of ['due', 'claimed', 'running'] as const) {
      slots.set({ state: each }, gauges.slots.find(({ state }) => state === each)?.count ?? 0)
    }
    const instances = gauge('instances', 'Instances of the monitor that are alive.', 'location')
    if (gauges.instances.length === 0) instances.set({ location: '' }, 0)
    for (const { location, count } of gauges.instances) instances.set({ location }, count)
    const leaks = gauge('possible_leaks', 'Requests whose creations may be left in the environment.', 'environment')
    for (const environment of environments) leaks.set({ environment }, 0)
    for (const { environment, count } of gauges.leaks) leaks.set({ environment }, count)
    // Channels and addresses are not for visitors.
    if (!isOperator) return registry.metrics()
    const messages = gauge(
      'messages',
      'Messages that are not delivered: waiting, waiting after a failed attempt, or given up.',
      ...(['channel', 'state'] as const),
    )
    const channels = new Set([...Object.keys(current().configuration.channels), ...gauges.messages.map(m => m.channel)])
    for (const channel of channels) {
      const found = gauges.messages.find(each => each.channel === channel)
      for (const each of ['waiting', 'failed', 'dead'] as const)
        messages.set({ channel, state: each }, found?.[each] ?? 0)
    }
    const expiry = gauge(
      'certificate_expiry_seconds',
      'When the first certificate of the chain expires, as a Unix time.',
      ...(['environment', 'origin'] as const),
    )
    const trusted = gauge(
      'certificate_trusted',
      'Whether clients trust the certificate: 1 or 0.',
      ...(['environment', 'origin'] as const),
    )
    for (const { environment, origin, expiresAt, problem } of certificates) {
      expiry.set({ environment, origin }, expiresAt.getTime() / 1000)
      trusted.set({ environment, origin }, problem === undefined ? 1 : 0)
    }
    return registry.metrics()
  }
}
