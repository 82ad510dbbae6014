// Compares docs/configuration.md with the code. UPDATE_CONFIGURATION=1 rewrites its lists of settings and options.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { resolveEnvironment } from '../environment/resolve-environment.ts'
import { secret } from '../environment/secrets/secret.ts'
import { configurationOf } from '../monitor/config/configuration.ts'
import { s3 } from '../monitor/config/evidence-stores.ts'
import { monitorSchema } from '../monitor/config/schema.ts'
import { slack, webhook } from '../monitor/index.ts'
import { expect, test } from '../testing/test.ts'
import { optionGroups, optionLists, optionsOf } from './reference/options.ts'
import { type Field, fieldsOfSchema, schemaLists } from './reference/schema-lists.ts'
import { settings } from './reference/settings.ts'

const root = path.join(import.meta.dirname, '..')
const file = path.join(root, 'docs/configuration.md')
const fields = [...fieldsOfSchema().values()].flat()

for (const [name, lists] of [
  ['settings', schemaLists],
  ['options', optionLists],
] as const) {
  test(`the lists of ${name} are up to date`, () => {
    const text = readFileSync(file, 'utf8')
    const section = new RegExp(`(<!-- ${name}: .* -->\n)[\\s\\S]*(<!-- end of the ${name} -->)`)
    const expected = text.replace(section, (_, before, after) => `${before}\n${lists()}\n\n${after}`)
    if (process.env.UPDATE_CONFIGURATION) writeFileSync(file, expected)
    expect(expected, 'UPDATE_CONFIGURATION=1 npx playwright test docs/configuration').toBe(readFileSync(file, 'utf8'))
  })
}

test('every setting and option has a meaning and an example, and no other is explained', () => {
  const place = 'Write a doc comment at its type, or add it to docs/reference/settings.ts'
  const without = (of: readonly Pick<Field, 'path' | 'meaning' | 'example'>[], member: 'meaning' | 'example') =>
    of.filter(field => field[member] === '').map(({ path }) => path)
  expect.soft(without(fields, 'meaning'), `These have no meaning. ${place}`).toEqual([])
  expect.soft(without(fields, 'example'), 'These have no example. Add it to docs/reference/settings.ts').toEqual([])
  expect(Object.keys(settings).filter(name => !fields.some(({ path }) => path === name))).toEqual([])
  for (const group of optionGroups) {
    const options = optionsOf(group)
    expect.soft(without(options, 'meaning'), group.heading).toEqual([])
    expect.soft(without(options, 'example'), group.heading).toEqual([])
    expect(Object.keys(group.settings).filter(name => !options.some(({ path }) => path === name))).toEqual([])
  }
})

test('every example of a setting is valid', () => {
  for (const { path, example, schema } of fields) {
    const { error } = schema.safeParse(evaluate(example))
    expect.soft(error?.issues, `${path}: ${example}`).toBeUndefined()
  }
})

test('a setting that is written out with its default has no effect', () => {
  const environments = { production: { baseURL: 'https://api.example.com' } }
  const plain = { environments, checks: { a: { tag: '@a' } } }
  const checks = fields.filter(({ path }) => /^checks\.NAME\.\w+$/.test(path))
  for (const { path, default: preset } of [...checks, ...fields.filter(({ path }) => /^retention\./.test(path))]) {
    if (preset === undefined) continue
    const [name = ''] = path.split('.').slice(-1)
    const value = { [name]: evaluate(preset) }
    const written = path.startsWith('checks')
      ? { ...plain, checks: { a: { tag: '@a', ...value } } }
      : { ...plain, retention: value }
    expect.soft(configurationOf('/a', written), path).toEqual(configurationOf('/a', plain))
  }
  for (const { path, default: preset } of fields.filter(({ path }) => /^environments\.NAME\.\w+$/.test(path))) {
    if (preset === undefined) continue
    const value = { [path.split('.')[2] ?? '']: evaluate(preset) }
    const resolve = (more: object) => {
      const {
        environment: _,
        owns: __,
        conceal: ___,
        reveal: ____,
        ...rest
      } = resolveEnvironment({ ...environments.production, ...more }, {})
      return rest
    }
    expect.soft(resolve(value), path).toEqual(resolve({}))
  }
})

test('the configuration of the page is valid', () => {
  const block = /```ts\n\/\/ monitor\.config\.ts\n.*\n\nexport default defineMonitor\(([\s\S]*?)\)\n```/.exec(
    readFileSync(file, 'utf8'),
  )
  expect(monitorSchema.safeParse(evaluate(block?.[1] ?? '')).error).toBeUndefined()
})

test('every environment variable that the code reads is listed', async () => {
  const folders = 'processes,postgres,sandbox,environment,fixtures,plain-english,monitor,app,cli'
  const sources = await glob(`{${folders}}/**/*.{ts,mjs}`, {
    cwd: root,
    ignore: ['**/*.test.ts', '**/testing/**', 'sandbox/{conformance,clients}/**'],
  })
  const page = readFileSync(file, 'utf8').split('## Environment variables')[1] ?? ''
  const named = new Set([...page.matchAll(/`([A-Za-z_]+(?:\(X86\))?)`/g)].map(([, name]) => name))
  const read = sources.flatMap(source =>
    variablesIn(readFileSync(path.join(root, source), 'utf8')).map(name => ({ name, source })),
  )
  expect(new Set(read.map(({ name }) => name)).size).toBeGreaterThan(20)
  const unlisted = read.filter(({ name }) => !named.has(name))
  expect.soft(unlisted, 'docs/configuration.md does not list what these files read').toEqual([])
  const known = new Set(read.map(({ name }) => name))
  for (const name of named) {
    if (/^REPRISE_/.test(name ?? '')) expect.soft([...known], `No code reads ${name}`).toContain(name)
  }
})

/** `env.NAME`, `env['NAME']`, `'REPRISE_NAME'`, and names that are taken out of an environment. */
function variablesIn(source: string): string[] {
  const direct = source.matchAll(/\benv(?:\.([A-Z][A-Z0-9_]+)\b|\['([A-Z][^']+)'\])|'(REPRISE_[A-Z_]+)'/g)
  const taken = source.matchAll(/\{([^{}]*)\}(?:: NodeJS\.ProcessEnv| = (?:process|options)\.env\b)/g)
  return [
    ...[...direct].map(([, name, quoted, own]) => name ?? quoted ?? own ?? ''),
    ...[...taken].flatMap(([, names = '']) => names.match(/\b[A-Z][A-Za-z_]{2,}\b/g) ?? []),
  ]
}

/** Evaluates an expression as it may stand in a `monitor.config.ts`. */
function evaluate(expression: string): unknown {
  return new Function('secret', 'slack', 'webhook', 's3', `return ${expression}`)(secret, slack, webhook, s3)
}
