// Lists which folder may import which, from the bottom up. `npm run check` runs it.

/**
 * Each folder with what it may import beside itself. What is not listed may not be imported.
 *
 * @type {Record<string, string[]>}
 */
export const folders = {
  processes: [],
  pages: [],
  postgres: ['processes'],
  sandbox: ['processes', 'postgres'],
  environment: ['processes'],
  fixtures: ['processes', 'pages', 'postgres', 'sandbox', 'environment'],
  reporter: ['processes', 'pages', 'environment'],
  'plain-english': ['fixtures', 'environment'],
  monitor: ['processes', 'pages', 'postgres', 'environment'],
  cli: ['processes', 'postgres', 'sandbox', 'environment', 'plain-english', 'monitor', 'app'],
  app: [],
  e2e: ['fixtures', 'plain-english', 'app'],
  packaging: [],
}

/**
 * The layers of a folder, from the bottom up: each may import those before it.
 *
 * @type {Record<string, string[]>}
 */
export const layers = {
  sandbox: [
    'protocol',
    'sql',
    'state',
    'transport',
    'server',
    'transaction',
    'startup',
    'execution',
    'intercept',
    'session',
  ],
  'plain-english': ['parse', 'compile', 'run', 'sentences', 'playwright', 'import', 'to-typescript', 'language-server'],
}

/**
 * The folders of `monitor/`, from the bottom up, each with those that it may import. Files at its root hold no layer.
 *
 * @type {Record<string, string[]>}
 */
export const monitorLayers = {
  verdict: [],
  store: ['verdict'],
  certificates: ['store'],
  metrics: [],
  alerts: ['store'],
  config: ['alerts'],
  schedule: ['store'],
  replay: ['config', 'verdict', 'store'],
  evidence: ['config', 'verdict', 'store', 'replay'],
  traces: ['replay'],
  reports: ['replay', 'evidence', 'status-page'],
  'status-page': ['config', 'metrics', 'verdict', 'store', 'schedule'],
  service: [
    'alerts',
    'certificates',
    'config',
    'metrics',
    'verdict',
    'store',
    'schedule',
    'replay',
    'evidence',
    'traces',
  ],
}

/** Files that only tests import. */
const support = '(^testing/|/testing/|^sandbox/(conformance|clients)/)'
/** Tests, and what only they import, may import everything but commands, specs and benchmarks. */
const tests = `(\\.test\\.ts$|^docs/|${support})`
const entries = '(^e2e/|^bench/|(^|/)main\\.(ts|mjs)$)'
const alternatives = names => `^(${names.join('|')})/`

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    // kubernetes-types has types only; the extension of an editor has dependencies of its own.
    {
      name: 'not-found',
      severity: 'error',
      from: { pathNot: '^editors/' },
      to: { couldNotResolve: true, pathNot: '^kubernetes-types/' },
    },
    {
      name: 'entry-point',
      comment: 'A main.ts, a spec or a benchmark is started, not imported.',
      severity: 'error',
      from: { pathNot: '^((e2e|bench)/|cli/bin\\.mjs$)' },
      to: { path: entries },
    },
    {
      name: 'test-support',
      comment: 'Only tests import testing/.',
      severity: 'error',
      from: { pathNot: `(${tests}|^bench/)` },
      to: { path: support },
    },
    ...Object.entries(folders).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      comment: `${folder}/ imports ${allowed.length ? allowed.map(name => `${name}/`).join(', ') : 'no other folder'}.`,
      severity: 'error',
      from: { path: `^${folder}/`, pathNot: tests },
      to: {
        path: '^[^/]+/',
        pathNot: [alternatives([folder, ...allowed]), '^node_modules/'],
        dependencyTypesNot: ['core'],
      },
    })),
    ...Object.entries(layers).flatMap(([folder, names]) =>
      names.map((layer, index) => ({
        name: `${folder}-${layer}-imports`,
        comment: `${folder}/${layer}/ imports the layers below it: ${names.slice(0, index).join(', ') || 'none'}.`,
        severity: 'error',
        from: { path: `^${folder}/${layer}/`, pathNot: tests },
        to: { path: `^${folder}/`, pathNot: `^${folder}/(${names.slice(0, index + 1).join('|')})/` },
      })),
    ),
    ...Object.entries(monitorLayers).map(([layer, allowed]) => ({
      name: `monitor-${layer}-imports`,
      comment: `monitor/${layer}/ imports ${allowed.map(name => `monitor/${name}/`).join(', ') || 'no other folder of monitor/'}.`,
      severity: 'error',
      from: { path: `^monitor/${layer}/`, pathNot: tests },
      to: { path: '^monitor/[^/]+/', pathNot: `^monitor/(${[layer, ...allowed].join('|')})/` },
    })),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|examples|test-results|playwright-report|\\.reprise)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types'],
    },
  },
}
