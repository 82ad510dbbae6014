/** Writes the scenarios of a file as a spec in TypeScript, with the same titles, tags and outcomes. */
import { type CompiledScenario, type Step, type StepArgument, withInner } from '../compile/compiled-scenario.ts'
import { namesIn, secretsIn } from '../compile/used-variables.ts'
import { constantExpression, jsonExpression, literal } from './expressions.ts'
import { ScenarioCode, Untranslatable } from './scenario-code.ts'
import { translations } from './translations.ts'

export interface SpecOptions {
  /** The module that exports `test` and `expect`, as the spec imports it. */
  test: string
  /** The module that exports `say`, for scenarios that stay in English. */
  english: string
  /** The module of the project's own sentences; undefined for none. */
  sentences: string | undefined
  /** Of production: URLs there become paths. */
  origins: readonly string[]
}

export interface SpecCode {
  text: string
  scenarios: number
  /** The scenarios that stay in English, with the reason. */
  english: readonly { title: string; reason: string }[]
}

/** @param shown The name of the file that the scenarios are from. */
export function toTypeScript(scenarios: readonly CompiledScenario[], shown: string, options: SpecOptions): SpecCode {
  const groups = groupsOf(scenarios)
  const writings = groups.map(group => testsOf(group, options))
  const english = writings.flatMap(({ reason }, index) =>
    reason === undefined ? [] : (groups[index] ?? []).map(({ title }) => ({ title, reason })),
  )
  const code = writings.map(({ lines }) => indented(lines)).join('\n\n')
  const usesEnvironment = /\benv\('/.test(code)
  const imports = [
    ...(english.length > 0 ? [`import { say } from ${literal(options.english)}`] : []),
    ...(/\bexpect\(/.test(code) || !/\btest\(/.test(code)
      ? [`import { expect, test } from ${literal(options.test)}`]
      : [`import { test } from ${literal(options.test)}`]),
    ...(english.length > 0 && options.sentences !== undefined
      ? [`import sentences from ${literal(options.sentences)}`]
      : []),
  ]
  const secrets = secretsIn([...scenarios])
  const text = [
    `// Written by \`reprise plain-english to-typescript\` from ${shown}.`,
    ...imports,
    ...(secrets.length > 0
      ? ['', '// A trace would contain the secrets of requests.', "test.use({ trace: 'off' })"]
      : []),
    '',
    code,
    ...(usesEnvironment ? ['', environmentFunction] : []),
  ].join('\n')
  return { text: `${text}\n`, scenarios: scenarios.length, english }
}

const environmentFunction = `function env(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(\`The environment variable \${name} is not set.\`)
  return value
}`

/** The rows of a table have the same steps. Rows with variables are tests of their own. */
function groupsOf(scenarios: readonly CompiledScenario[]): CompiledScenario[][] {
  const groups: CompiledScenario[][] = []
  for (const scenario of scenarios) {
    const [last] = groups.at(-1) ?? []
    const isRow = last && last.cells.length > 0 && last.steps === scenario.steps
    if (isRow) groups.at(-1)?.push(scenario)
    else groups.push([scenario])
  }
  return groups
}

interface Writing {
  lines: string[]
  /** Why it stays in English. */
  reason: string | undefined
}

function testsOf(group: readonly CompiledScenario[], options: SpecOptions): Writing {
  const [first] = group
  if (!first) return { lines: [], reason: undefined }
  try {
    return { lines: translated(first, group, options), reason: undefined }
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    return { lines: group.flatMap(scenario => inEnglish(scenario, error.message, options)), reason: error.message }
  }
}

function translated(first: CompiledScenario, group: readonly CompiledScenario[], options: SpecOptions): string[] {
  const steps = first.steps.flatMap(withInner)
  const cells = first.cells.map(({ name }) => name)
  const code = new ScenarioCode({
    hasPage: steps.some(({ definition }) => definition.fixtures.includes('page')),
    origins: options.origins,
    cells,
  })
  const write = (step: Step) => {
    const translation = translations.get(step.definition.expression)
    if (!translation) throw new Untranslatable(`no translation: ${step.definition.expression}`)
    translation(code, [...step.arguments], ({ inner }: StepArgument) => inner && write(inner))
  }
  for (const [index, step] of first.steps.entries()) {
    const next = first.steps
      .slice(index + 1)
      .find(({ definition: { expression } }) => /^(?:\{method\}|Response Time )/.test(expression))
    code.isTimed = next?.definition.expression.startsWith('Response Time ') ?? false
    write(step)
  }
  const { body } = code
  const fixtures = `{ ${[...code.fixtures].sort().join(', ')} }`.replace('{  }', '{}')
  const details = first.tags.length > 0 ? `{ tag: [${first.tags.map(literal).join(', ')}] }, ` : ''
  if (cells.length === 0) return [`test(${literal(first.title)}, ${details}async (${fixtures}) => {`, ...body, '})']
  if (group.some(scenario => namesIn({ ...scenario, steps: [] }).length > 0))
    throw new Untranslatable('its table has variables')
  const rows = group.map(({ title, cells }) => {
    const members = cells.map(({ name, value }) => `${name}: ${jsonExpression(value, code)}`)
    return `{ title: ${literal(title)}, ${members.join(', ')} },`
  })
  const names = cells.map(name => {
    const used = code.define(name)
    return used === name ? name : `${name}: ${used}`
  })
  return [
    `for (const { title, ${names.join(', ')} } of [`,
    ...rows,
    ']) {',
    `test(title, ${details}async (${fixtures}) => {`,
    ...body,
    '})',
    '}',
  ]
}

function inEnglish(scenario: CompiledScenario, reason: string, { sentences }: SpecOptions): string[] {
  const asked = scenario.steps.flatMap(withInner).flatMap(({ definition }) => definition.fixtures)
  const isUnique = namesIn(scenario).some(name => name.startsWith('unique.'))
  const fixtures = [...new Set(['baseURL', ...asked, ...(isUnique ? ['unique'] : [])])].filter(
    name => name !== 'scenario',
  )
  const tags = scenario.tags.length > 0 ? `{ tag: [${scenario.tags.map(literal).join(', ')}] }, ` : ''
  const cells = scenario.cells.map(
    ({ name, value }) => `${name}: ${jsonExpression(value, { expressionOf: variable => literal(`\${${variable}}`) })}`,
  )
  const settings = [
    ...(sentences === undefined ? [] : ['sentences']),
    ...(cells.length > 0 ? [`cells: ${`{ ${cells.join(', ')} }`}`] : []),
  ]
  const given = settings.length > 0 ? `, { ${settings.join(', ')} }` : ''
  return [
    `// In English: ${reason}.`,
    `test(${literal(scenario.title)}, ${tags}async ({ ${fixtures.join(', ')} }) => {`,
    `await say({ ${fixtures.join(', ')} }, [`,
    ...scenario.steps.map(({ text }) => `${constantExpression(text)},`),
    `]${given})`,
    '})',
  ]
}

/** Two blanks for each open bracket. */
function indented(lines: readonly string[]): string {
  let depth = 0
  return lines
    .map(line => {
      if (/^[\]})]/.test(line)) depth--
      const text = '  '.repeat(Math.max(depth, 0)) + line
      if (/[[{(]$/.test(line)) depth++
      return text
    })
    .join('\n')
}
