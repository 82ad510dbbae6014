/** The code of one scenario while it is written: its lines, fixtures, variables and headers. */

import type { StepArgument } from '../compile/compiled-scenario.ts'
import type { Element } from '../compile/element.ts'
import { parameterNamed } from '../compile/parameters.ts'
import { milliseconds } from '../compile/read-values.ts'
import { parsePath } from '../parse/field-path.ts'
import { literalPattern } from '../parse/literal-pattern.ts'
import type { Template } from '../parse/template.ts'
import {
  fieldAccess,
  isIdentifier,
  jsonExpression,
  literal,
  type Names,
  stringExpression,
  textExpression,
  urlExpression,
} from './expressions.ts'
import type { Helper } from './helpers.ts'

/** The part of an argument that values are read from. */
type Words = Pick<StepArgument, 'tokens'>

/** Thrown for a sentence that the code cannot express, such as one whose text is only known at run time. */
export class Untranslatable extends Error {}

/** Names that the code uses itself. */
const taken = new Set(
  'test expect response headers request page unique db mail received found dialogs cleanup env tabWith watchDialogs it one dialog startedAt durationMs await break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof let new null return static super switch this throw true try typeof var void while with yield arguments eval undefined'.split(
    ' ',
  ),
)

export class ScenarioCode implements Names {
  readonly fixtures = new Set<string>()
  /** The functions that it calls, which are written once for a spec. */
  readonly helpers = new Set<Helper>()
  readonly lines: string[] = []
  /** The expression that sends the last request again. */
  lastRequest: string | undefined
  /** Whether the time of the next request is asserted. */
  isTimed = false
  followsRedirects = true
  readonly hasPage: boolean
  readonly origins: readonly string[]
  readonly #variables = new Map<string, string>()
  readonly #declared = new Set<string>()
  /** The constants at the beginning of the test, by name. */
  readonly #first = new Map<string, string>()
  #hasHeaders = false
  #base: string | undefined
  /** Names that the code has made up in addition to those of `taken`. */
  readonly #fresh = new Set<string>()
  /** The tabs that the scenario was on, in order. */
  #tabs: readonly string[] = ['page']
  #frame: string | undefined
  /** How long it waits for a page, in milliseconds, if it says so, and the `expect` of it, if it was used. */
  #patience: { longest: number; expect?: string } | undefined
  /** The lines of what has acted on a page since the last change of the tab. */
  #acts: { line: number; mayOpenTab: boolean }[] = []
  /** The line where the code of an outer sentence begins. */
  #outerLine: number | undefined

  constructor(options: { hasPage: boolean; origins: readonly string[]; cells: readonly string[] }) {
    this.hasPage = options.hasPage
    this.origins = options.origins
    for (const name of options.cells) this.define(name)
  }

  /** The lines of the test. What is assigned once is a constant. */
  get body(): string[] {
    const declarations = [...this.#first].map(([name, expression]) => `const ${name} = ${expression}`)
    const lines = this.lines.map(line => {
      const [, name] = /^let (\w+) = /.exec(line) ?? []
      const isChanged = name !== undefined && this.lines.some(other => other.startsWith(`${name} = `))
      return name === undefined || isChanged ? line : line.replace('let', 'const')
    })
    return [...declarations, ...lines]
  }

  expressionOf(variable: string): string {
    const [kind, environment] = variable.split(':')
    if (environment !== undefined && (kind === 'env' || kind === 'secret')) {
      this.helpers.add('env')
      return `env(${literal(environment)})`
    }
    if (variable.startsWith('unique.')) return this.#uniqueValue(variable.slice('unique.'.length))
    const [root = '', ...path] = parsePath(variable)
    const name = this.#variables.get(String(root))
    if (name === undefined) throw new Untranslatable(`the variable ${root} comes from a sentence without a translation`)
    return (
      name +
      path
        .map(part => (typeof part === 'number' ? `[${part}]` : isIdentifier(part) ? `.${part}` : `[${literal(part)}]`))
        .join('')
    )
  }

  /** The name in the code for a variable that a sentence defines. */
  define(name: string): string {
    const free = taken.has(name) || this.#fresh.has(name) ? `${name}Value` : name
    this.#variables.set(name, free)
    return free
  }

  /** `const name =`, or `name =` if it was declared already. */
  assign(name: string, expression: string): void {
    const isFirst = !this.#declared.has(name)
    this.#declared.add(name)
    this.lines.push(`${isFirst ? 'let ' : ''}${name} = ${expression}`)
  }

  /** Whether a line above assigns the name. */
  isDeclared(name: string): boolean {
    return this.#declared.has(name)
  }

  line(text: string): void {
    this.lines.push(text)
  }

  /** Declares a constant at the beginning of the test. */
  atFirst(name: string, expression: string): string {
    this.#first.set(name, expression)
    return name
  }

  /** A name that no variable has: `tab`, `tab2` and so on. */
  fresh(name: string): string {
    const isFree = (one: string) => !this.#fresh.has(one) && ![...this.#variables.values()].includes(one)
    let free = name
    for (let number = 2; !isFree(free); number++) free = `${name}${number}`
    this.#fresh.add(free)
    return free
  }

  /** The current tab. */
  get page(): string {
    const tab = this.#tabs.at(-1)
    if (tab === undefined) throw new Untranslatable('all tabs that it was on are closed')
    return tab === 'page' ? this.use('page') : tab
  }

  /** What elements are searched in: the current tab, or a frame in it. */
  get scope(): string {
    return this.#frame ?? this.page
  }

  /** The following sentences wait at most this long for a page, in milliseconds. */
  waitAtMost(longest: number): void {
    this.#patience = { longest }
  }

  /** In milliseconds. @param usual If the scenario does not say it. */
  wait(usual: number): number {
    return this.#patience?.longest ?? usual
  }

  /** The `expect` of assertions about a page. */
  get expect(): string {
    const patience = this.#patience
    if (!patience) return 'expect'
    patience.expect ??= this.atFirst(this.fresh('patientExpect'), `expect.configure({ timeout: ${patience.longest} })`)
    return patience.expect
  }

  /** The following sentences act in a frame; undefined: in the page again. */
  enterFrame(frame: string | undefined): void {
    this.#frame = frame
  }

  /** The following sentences act on this tab. */
  enterTab(tab: string): void {
    this.#frame = undefined
    this.#acts = []
    this.#tabs = [...this.#tabs, tab]
  }

  /** The following sentences act on the tab before. */
  leaveTab(): void {
    const closed = this.page
    this.#frame = undefined
    this.#acts = []
    this.#tabs = this.#tabs.filter(tab => tab !== closed)
  }

  /** The next line acts on the page. @param mayOpenTab As a click does. */
  acts(mayOpenTab: boolean): void {
    this.#acts.push({ line: this.#outerLine ?? this.lines.length, mayOpenTab })
  }

  /** Inserts a line above the action that opens the tab which the scenario switches to. */
  lineBeforeNewTab(text: string): void {
    const opening = this.#acts.findLast(({ mayOpenTab }) => mayOpenTab) ?? this.#acts.at(-1)
    if (!opening) throw new Untranslatable('no sentence above it opens a tab')
    this.lines.splice(opening.line, 0, text)
  }

  /** Writes sentences of another sentence into a block, which ends the names that are declared in it. */
  inBlock(write: () => void): void {
    const [declared, outer] = [new Set(this.#declared), this.#outerLine]
    const [tabs, frame] = [this.#tabs, this.#frame]
    this.#outerLine ??= this.lines.length - 1
    write()
    this.#outerLine = outer
    const inner = [...this.#declared].find(name => !declared.has(name))
    if (inner !== undefined) throw new Untranslatable(`the sentence that it repeats saves ${inner}`)
    if (this.#tabs !== tabs || this.#frame !== frame) {
      throw new Untranslatable('the sentence that it repeats changes the tab or the frame')
    }
  }

  use<Name extends string>(fixture: Name): Name {
    this.fixtures.add(fixture)
    return fixture
  }

  /** The name of a function that the spec has. */
  call(helper: Helper): Helper {
    this.helpers.add(helper)
    return helper
  }

  setHeader(name: string, value: string): void {
    if (!this.#hasHeaders) this.line('const headers: Record<string, string> = {}')
    this.#hasHeaders = true
    this.line(`headers${isIdentifier(name) ? `.${name}` : `[${literal(name)}]`} = ${value}`)
  }

  removeHeader(name: string): void {
    if (this.#hasHeaders) this.line(`delete headers${isIdentifier(name) ? `.${name}` : `[${literal(name)}]`}`)
  }

  /** The option `headers` of a request; undefined for none. @param own Those of this request alone. */
  headersOption(own: readonly [string, string][] = []): string | undefined {
    const set = own.map(([name, value]) => `${isIdentifier(name) ? name : literal(name)}: ${literal(value)}`)
    if (set.length === 0) return this.#hasHeaders ? 'headers' : undefined
    return `headers: { ${[...set, ...(this.#hasHeaders ? ['...headers'] : [])].join(', ')} }`
  }

  goTo({ tokens }: Words): string {
    const expression = this.#resolved(templateOf(tokens))
    this.#base = expression
    return expression
  }

  /** The URL of a sentence, or that of the last `Go To`. */
  url(argument: Words | undefined): string {
    if (argument) return this.#resolved(templateOf(argument.tokens))
    if (this.#base === undefined) throw new Untranslatable('there is no Go To above it')
    return this.#base
  }

  /** @param before A text that the value follows. */
  text({ tokens }: Words, before = ''): string {
    const template = templateOf(tokens)
    const [first, ...rest] = template
    if (before === '') return stringExpression(template, this)
    return stringExpression(typeof first === 'string' ? [before + first, ...rest] : [before, ...template], this)
  }

  /** A text that is the same in each run. */
  constant({ tokens }: Words): string {
    const template = templateOf(tokens)
    if (template.some(part => typeof part !== 'string')) throw new Untranslatable('its name has a variable')
    return template.join('')
  }

  value({ tokens }: Words): string {
    const [token] = tokens
    if (!token) throw new Untranslatable('it has no value')
    if (token.kind === 'json') return jsonExpression(token.json, this)
    if (token.kind === 'text') return stringExpression(token.template, this)
    if (token.kind === 'table') throw new Untranslatable('it has a table')
    const word = token.text.toLowerCase()
    if (['true', 'false', 'null'].includes(word)) return word
    return /^[+-.\d]/.test(word) ? String(Number(word)) : textExpression(token.template, this)
  }

  number(argument: Words): string {
    const [token] = argument.tokens
    return token?.kind === 'word' && token.text.startsWith('$')
      ? `Number(${this.value(argument)})`
      : this.value(argument)
  }

  pattern({ tokens }: Words): string {
    const text = this.constant({ tokens })
    return `/${new RegExp(text).source.replaceAll('\n', '\\n')}/`
  }

  element({ tokens }: Words): Element {
    const read = parameterNamed('element')?.read(tokens, { valueOf: name => `\${${name}}` })
    return read as Element
  }

  duration({ tokens }: Words): number {
    return milliseconds(tokens.map(token => (token.kind === 'word' ? token.text : '')).join(' '))
  }

  /** A duration as a timeout in Playwright, where 0 is none. */
  timeout(words: Words): number {
    return Math.max(1, this.duration(words))
  }

  word({ tokens }: Words): string {
    return tokens.map(token => (token.kind === 'word' ? token.text : '')).join(' ')
  }

  /** The field in the JSON of the last response. */
  field(argument: Words, isOptional = false): string {
    return `(await response.json())${fieldAccess(this.constant(argument), isOptional)}`
  }

  #resolved(template: Template): string {
    const [first, ...rest] = template
    if (typeof first !== 'string') return urlExpression(template, this, expression => this.#asPath(expression))
    const origin = this.origins.find(one => first.startsWith(one))
    if (origin !== undefined) return urlExpression([first.slice(origin.length) || '/', ...rest], this)
    const base = this.#base && /^'(https?:\/\/[^/']+)/.exec(this.#base)?.[1]
    if (base && first.startsWith('/')) return urlExpression([base + first, ...rest], this)
    if (!/^(?:\/|https?:)/.test(first)) throw new Untranslatable('its URL is relative')
    return urlExpression(template, this)
  }

  /** A URL that is known at run time, such as that of a link in a mail: without an origin of production. */
  #asPath(expression: string): string {
    const origins = this.origins
      .filter(origin => URL.canParse(origin))
      .map(origin => literalPattern(new URL(origin).origin).replaceAll('/', '\\/'))
    if (origins.length === 0) return expression
    return `${expression}.replace(/^(?:${origins.join('|')})(?=[/?#]|$)/, '')`
  }

  #uniqueValue(kind: string): string {
    this.use('unique')
    if (kind === 'id') return 'unique.id'
    const call = `unique.${kind}()`
    // The same throughout the scenario.
    return this.atFirst(kind === 'email' ? 'uniqueEmail' : 'uniqueName', call)
  }
}

function templateOf([token]: Words['tokens']): Template {
  return token?.kind === 'word' || token?.kind === 'text' ? token.template : []
}
