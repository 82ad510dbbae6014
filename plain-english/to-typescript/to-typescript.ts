/** Writes the scenarios of a file as a spec in TypeScript, with the same titles, tags and outcomes. */
import { type CompiledScenario, type Step, type StepArgument, withInner } from '../compile/compiled-scenario.ts'
import { isSetting, type Mode, runSettings } from '../compile/special-tags.ts'
import { namesIn, secretsIn } from '../compile/used-variables.ts'
import { calleeOf } from '../playwright/callee.ts'
import { EnglishLines } from './english-lines.ts'
import { constantExpression, jsonExpression, literal } from './expressions.ts'
import { type Helper, helperCode } from './helpers.ts'
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
  /** Other origins that scenarios in English may send requests to. */
  allow: readonly string[]
  /** The folder of the file in English, relative to that of the spec; empty if they are the same. */
  folder: string
}

/** The file that the scenarios are from. */
export interface EnglishFile {
  /** Its name in the spec. */
  shown: string
  content: Uint8Array | string
}

export interface SpecCode {
  text: string
  scenarios: number
  /** The scenarios that stay in English, with the reason. */
  english: readonly { title: string; reason: string }[]
}

/** Throws if a scenario can be written neither as code nor in English. */
export function toTypeScript(
  scenarios: readonly CompiledScenario[],
  { shown, content }: EnglishFile,
  options: SpecOptions,
): SpecCode {
  const settings = sayOptions(options)
  const spec: Spec = { options, lines: new EnglishLines(content), given: settings === '' ? '' : ', english' }
  const groups = groupsOf(scenarios)
  const writings = groups.map(group => testsOf(group, spec))
  const english = writings.flatMap(({ reason }, index) =>
    reason === undefined ? [] : (groups[index] ?? []).map(({ title }) => ({ title, reason })),
  )
  const code = indented(inModes(writings))
  const helpers = helperCode(new Set(writings.flatMap(({ helpers }) => [...helpers])))
  const isExpected = /\bexpect[.(]/.test([code, ...helpers.code].join('\n'))
  const imports = [
    ...(helpers.types.length > 0 ? [`import type { ${helpers.types.join(', ')} } from '@playwright/test'`] : []),
    ...(english.length > 0 ? [`import { say } from ${literal(options.english)}`] : []),
    `import { ${isExpected ? 'expect, ' : ''}test } from ${literal(options.test)}`,
    ...(english.length > 0 && options.sentences !== undefined
      ? [`import sentences from ${literal(options.sentences)}`]
      : []),
    ...(english.length > 0 && settings !== '' ? ['', `const english = ${settings}`] : []),
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
    ...helpers.code.flatMap(helper => ['', helper]),
  ].join('\n')
  return { text: `${text}\n`, scenarios: scenarios.length, english }
}

/** What the scenarios in English have in common; empty for nothing. */
function sayOptions({ sentences, origins, allow, folder }: SpecOptions): string {
  const members = [
    ...(sentences === undefined ? [] : ['sentences']),
    ...(origins.length > 0 ? [`origins: ${constantExpression([...origins])}`] : []),
    ...(allow.length > 0 ? [`allow: ${constantExpression([...allow])}`] : []),
    ...(folder === '' ? [] : [`folder: ${literal(folder)}`]),
  ]
  return members.length > 0 ? `{ ${members.join(', ')} }` : ''
}

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

/** What all tests of the spec need. */
interface Spec {
  options: SpecOptions
  lines: EnglishLines
  /** The last argument of `say`. */
  given: string
}

interface Writing {
  lines: string[]
  helpers: ReadonlySet<Helper>
  mode: Mode | undefined
  /** Why it stays in English. */
  reason: string | undefined
}

function testsOf(group: readonly CompiledScenario[], spec: Spec): Writing {
  const [first] = group
  if (!first) return { lines: [], helpers: new Set(), mode: undefined, reason: undefined }
  const { mode, isSlow, timeout, retries } = runSettings(first.tags)
  const configured = JSON.parse(JSON.stringify({ timeout, retries }))
  const settings = [
    ...(Object.keys(configured).length > 0 ? [`test.describe.configure(${constantExpression(configured)})`] : []),
    ...(isSlow ? ['test.slow()'] : []),
  ]
  const above = first.comments.map(comment)
  const inGroup = (lines: string[]) =>
    settings.length > 0 ? inDescribe([...settings, ...above, ...lines]) : [...above, ...lines]
  try {
    const { lines, helpers } = translated(first, group, spec.options)
    return { lines: inGroup(lines), helpers, mode, reason: undefined }
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    const reason = error.message
    const lines = inGroup(group.flatMap(scenario => inEnglish(scenario, reason, spec)))
    return { lines, helpers: new Set(), mode, reason }
  }
}

/** Adjacent scenarios with the same mode are in one group. An empty line is between scenarios. */
function inModes(writings: readonly Writing[]): string[] {
  const sections: { mode: Mode | undefined; lines: string[] }[] = []
  for (const { mode, lines } of writings) {
    const open = sections.at(-1)
    if (open && open.mode === mode) open.lines.push('', ...lines)
    else sections.push({ mode, lines: [...lines] })
  }
  return sections.flatMap(({ mode, lines }, index) => [
    ...(index > 0 ? [''] : []),
    ...(mode ? inDescribe([`test.describe.configure({ mode: '${mode}' })`, ...lines]) : lines),
  ])
}

const comment = (text: string) => `// ${text}`

function inDescribe(lines: readonly string[]): string[] {
  return ['test.describe(() => {', ...lines, '})']
}

/** The beginning of a test up to its details. @param title An expression. */
function declaration(title: string, { tags }: CompiledScenario): string {
  const plain = tags.filter(tag => !isSetting(tag))
  const details = plain.length > 0 ? `{ tag: [${plain.map(literal).join(', ')}] }, ` : ''
  return `${calleeOf(runSettings(tags))}(${title}, ${details}`
}

function translated(
  first: CompiledScenario,
  group: readonly CompiledScenario[],
  options: SpecOptions,
): Pick<Writing, 'lines' | 'helpers'> {
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
    for (const { text } of step.comments) code.line(comment(text))
    write(step)
  }
  const { body, helpers } = code
  const fixtures = `{ ${[...code.fixtures].sort().join(', ')} }`.replace('{  }', '{}')
  if (cells.length === 0) {
    return { lines: [`${declaration(literal(first.title), first)}async (${fixtures}) => {`, ...body, '})'], helpers }
  }
  if (group.some(scenario => namesIn({ ...scenario, steps: [] }).length > 0))
    throw new Untranslatable('its table has variables')
  // A column can be named title as well.
  let key = 'title'
  while (cells.includes(key)) key = `${key}OfTest`
  const rows = group.map(({ title, cells }) => {
    const members = cells.map(({ name, value }) => `${name}: ${jsonExpression(value, code)}`)
    return `{ ${key}: ${literal(title)}, ${members.join(', ')} },`
  })
  const names = cells.map(name => {
    const used = code.define(name)
    return used === name ? name : `${name}: ${used}`
  })
  const lines = [
    `for (const { ${key}, ${names.join(', ')} } of [`,
    ...rows,
    ']) {',
    `${declaration(key, first)}async (${fixtures}) => {`,
    ...body,
    '})',
    '}',
  ]
  return { lines, helpers }
}

function inEnglish(scenario: CompiledScenario, reason: string, { lines, given }: Spec): string[] {
  const asked = scenario.steps.flatMap(withInner).flatMap(({ definition }) => definition.fixtures)
  const isUnique = namesIn(scenario).some(name => name.startsWith('unique.'))
  const fixtures = [...new Set(['baseURL', ...asked, ...(isUnique ? ['unique'] : [])])].filter(
    name => name !== 'scenario',
  )
  return [
    `// In English: ${reason}.`,
    `${declaration(literal(scenario.title), scenario)}async ({ ${fixtures.join(', ')} }) => {`,
    `await say({ ${fixtures.join(', ')} }, [`,
    ...lines.linesOf(scenario).map(line => `${literal(line)},`),
    `]${given})`,
    '})',
  ]
}

/** Two blanks for each open bracket. */
function indented(lines: readonly string[]): string {
  let depth = 0
  return lines
    .map(line => {
      if (line.startsWith('//')) return '  '.repeat(depth) + line
      if (/^[\]})]/.test(line)) depth--
      const text = line === '' ? '' : '  '.repeat(Math.max(depth, 0)) + line
      if (/[[{(]$/.test(line)) depth++
      return text
    })
    .join('\n')
}
