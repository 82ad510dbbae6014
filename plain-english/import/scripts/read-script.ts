/** Reads the scripts of a request (Postman, JetBrains, httpyac): what they assert and save, and what stays as a comment. */
import { type Expression, type Function as FunctionNode, parse, type Statement } from 'acorn'
import { printJson } from '../../parse/print.ts'
import { type ImportedPart, leftOut, step } from '../imported.ts'
import { fieldText } from '../phrases.ts'
import type { ImportedVariables } from '../variables.ts'
import { jsonOfSubject, sentencesFor } from './assertion-sentences.ts'
import { chainAssertions } from './read-chain.ts'
import { assertionsOf } from './read-condition.ts'
import { pathOf, propertyOf, type Scope, subjectOf } from './resolve-subject.ts'
import type { Assertion, Subject } from './subject.ts'

interface ScriptOptions {
  /** Whether the cookies of a script can be those of an earlier response. */
  hasCookies?: boolean
}

/** The parts of a script, in order. A script that is not JavaScript is one comment. */
export function readScript(code: string, variables: ImportedVariables, options: ScriptOptions = {}): ImportedPart[] {
  if (code.trim() === '') return []
  try {
    const program = parse(code, {
      ecmaVersion: 'latest',
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
      allowImportExportEverywhere: true,
    })
    const reader = new ScriptReader(code, variables, options)
    reader.statements(program.body as Statement[], new Map())
    return reader.parts
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return [leftOut(code, `the script is not JavaScript: ${error.message}`)]
  }
}

/** The names of the variables that a script reads and saves. */
export function namesInScript(code: string): { reads: string[]; saves: string[] } {
  const names = (pattern: RegExp) => [...code.matchAll(pattern)].map(found => found[2] ?? found[1] ?? '')
  return {
    reads: names(/(?:\.get|\bget(?:Environment|Global)Variable)\(\s*(['"`])([^'"`]+)\1/g),
    saves: names(
      /(?:(?:environment|globals|collectionVariables|variables|global)\.set|\bset(?:Environment|Global)Variable)\(\s*(['"`])([^'"`]+)\1/g,
    ),
  }
}

const saver =
  /^(?:pm\.(?:environment|globals|collectionVariables|variables)\.set|client\.global\.set|request\.variables\.set|postman\.set(?:Environment|Global)Variable)$/
const withoutEffect = /^(?:console\.\w+|client\.log|pm\.visualizer\.\w+)$/
const tester = /^(?:pm\.test|client\.test|test|it|describe)$/
const skippedTester = /^(?:pm\.test|test|it|describe)\.skip$/
/** Removes what only this script uses; a scenario has no variables of others. */
const remover =
  /^(?:pm\.(?:environment|globals|collectionVariables|variables)\.(?:unset|clear)|postman\.clear(?:Environment|Global)Variable)$/

class ScriptReader {
  readonly parts: ImportedPart[] = []
  readonly #code: string
  readonly #variables: ImportedVariables
  readonly #hasCookies: boolean

  constructor(code: string, variables: ImportedVariables, { hasCookies = false }: ScriptOptions = {}) {
    this.#code = code
    this.#variables = variables
    this.#hasCookies = hasCookies
  }

  statements(statements: readonly Statement[], outer: Scope): void {
    const scope = new Map(outer)
    for (const statement of statements) this.#statement(statement, scope)
  }

  #statement(statement: Statement, scope: Map<string, Subject>): void {
    switch (statement.type) {
      case 'EmptyStatement':
        return
      case 'BlockStatement':
        this.statements(statement.body, scope)
        return
      case 'VariableDeclaration':
        if (!statement.declarations.map(({ id, init }) => this.#declare(id, init, scope)).every(Boolean)) {
          this.#leaveOut(statement, 'no sentence computes a value')
        }
        return
      case 'ExpressionStatement':
        this.#expression(statement.expression, scope)
        return
      case 'ReturnStatement':
        if (statement.argument) this.#expression(statement.argument, scope)
        return
      case 'IfStatement':
        this.#condition(statement, scope)
        return
      case 'TryStatement':
        // What it assigns is used behind it.
        for (const inner of statement.block.body) this.#statement(inner, scope)
        return
      default:
        this.#leaveOut(statement, reasons[statement.type] ?? 'no sentence does this')
    }
  }

  /** Whether it is known what the variable refers to. */
  #declare(id: { type: string }, init: Expression | null | undefined, scope: Map<string, Subject>): boolean {
    if (!init) return true
    const subject = subjectOf(init, scope) ?? conditionOf(init, scope)
    if (id.type === 'Identifier' && subject) {
      scope.set(String(Object(id).name), subject)
      return true
    }
    if (id.type === 'ObjectPattern' && subject) {
      for (const { key, value } of Object(id).properties ?? []) {
        if (key?.type !== 'Identifier' || value?.type !== 'Identifier') continue
        if (subject.kind === 'field') scope.set(value.name, { kind: 'field', path: [...subject.path, key.name] })
      }
      return true
    }
    // A library, such as chai: what is asserted with it is read.
    return init.type === 'CallExpression' && pathOf(init.callee) === 'require'
  }

  #expression(node: Expression, scope: Map<string, Subject>): void {
    switch (node.type) {
      case 'AwaitExpression':
        this.#expression(node.argument, scope)
        return
      case 'ParenthesizedExpression':
        this.#expression(node.expression, scope)
        return
      case 'SequenceExpression':
        for (const one of node.expressions) this.#expression(one, scope)
        return
      case 'AssignmentExpression':
        this.#assignment(node, scope)
        return
      case 'Literal':
        return
      case 'CallExpression':
        if (this.#call(node, scope)) return
        break
      default:
    }
    const found = chainAssertions(node, scope)
    if (found) this.#assert(found, node)
    else this.#leaveOut(node, 'no sentence does this')
  }

  #assignment(node: Extract<Expression, { type: 'AssignmentExpression' }>, scope: Map<string, Subject>): void {
    const { left, right } = node
    if (left.type === 'MemberExpression') {
      const object = left.object.type === 'Super' ? undefined : pathOf(left.object)
      if (object === 'tests') {
        const found = assertionsOf(right, scope)
        if (found) this.#assert(found, right)
        else this.#leaveOut(node, 'no sentence asserts this')
        return
      }
      const name = propertyOf(left, scope)
      if ((object === 'exports' || object === 'environment' || object === 'globals') && name !== undefined) {
        this.#save(String(name), subjectOf(right, scope), node)
        return
      }
    }
    const subject = subjectOf(right, scope)
    if (left.type === 'Identifier' && subject) scope.set(left.name, subject)
    else this.#leaveOut(node, 'no sentence computes a value')
  }

  /** Whether the call is one of the known ones. */
  #call(node: Extract<Expression, { type: 'CallExpression' }>, scope: Map<string, Subject>): boolean {
    const path = node.callee.type === 'Super' ? undefined : pathOf(node.callee)
    const args = node.arguments.flatMap(argument => (argument.type === 'SpreadElement' ? [] : [argument]))
    const [first, second] = args
    if (path === undefined) return false
    if (withoutEffect.test(path) || remover.test(path)) return true
    if (skippedTester.test(path)) {
      this.#leaveOut(node, 'the test is skipped')
      return true
    }
    if (tester.test(path)) {
      const body = [...args].reverse().find(isFunction)
      if (body) this.#body(body, scope)
      return body !== undefined
    }
    if (saver.test(path) && first) {
      const name = subjectOf(first, scope)
      if (name?.kind !== 'constant') return false
      this.#save(String(name.value), second && subjectOf(second, scope), node)
      return true
    }
    if (/^(?:client\.assert|assert|assert\.ok|pm\.assert)$/.test(path) && first) {
      const found = assertionsOf(first, scope)
      if (found) this.#assert(found, first)
      else this.#leaveOut(node, 'no sentence asserts this')
      return true
    }
    if (
      /^(?:assert\.)?(?:strictEqual|equal|deepEqual|deepStrictEqual|notEqual|notStrictEqual)$/.test(path) &&
      first &&
      second
    ) {
      const [one, other] = [subjectOf(first, scope), subjectOf(second, scope)]
      if (!one || !other) return false
      const [subject, value] = one.kind === 'constant' ? [other, one] : [one, other]
      this.#assert([{ subject, comparison: 'equals', isNegated: path.includes('not'), value }], node)
      return true
    }
    if (path.endsWith('.forEach') && node.callee.type === 'MemberExpression')
      return this.#eachItem(node.callee.object, first, scope)
    return this.#httpyac(path, args, node, scope)
  }

  /** The helpers of httpyac: `test.status(200)`. */
  #httpyac(path: string, args: readonly Expression[], node: Expression, scope: Scope): boolean {
    const [first, second] = args.map(argument => subjectOf(argument, scope))
    const one = (assertion: Omit<Assertion, 'isNegated'>) => {
      this.#assert([{ ...assertion, isNegated: false }], node)
      return true
    }
    if (path === 'test.status' && first) return one({ subject: { kind: 'status' }, comparison: 'equals', value: first })
    if (path === 'test.totalTime' && first) return one({ subject: { kind: 'time' }, comparison: 'below', value: first })
    if ((path === 'test.header' || path === 'test.headerContains') && first?.kind === 'constant' && second) {
      const comparison = path === 'test.header' ? 'equals' : 'contains'
      return one({ subject: { kind: 'header', name: String(first.value) }, comparison, value: second })
    }
    if (path === 'test.responseBody' && first)
      return one({ subject: { kind: 'text' }, comparison: 'equals', value: first })
    if (path === 'test.hasResponseBody' || path === 'test.hasNoResponseBody') {
      this.#assert(
        [{ subject: { kind: 'text' }, comparison: 'is empty', isNegated: path === 'test.hasResponseBody' }],
        node,
      )
      return true
    }
    return false
  }

  #body(body: FunctionNode | Expression, scope: Scope): void {
    const { body: inner } = body as FunctionNode
    if (inner.type === 'BlockStatement') this.statements(inner.body, scope)
    else this.#expression(inner, new Map(scope))
  }

  /** `list.forEach(item => ...)`, if it asserts only that fields exist, are equal or have a type. */
  #eachItem(object: Expression | { type: 'Super' }, callback: Expression | undefined, scope: Scope): boolean {
    const list = object.type === 'Super' ? undefined : subjectOf(object as Expression, scope)
    if (list?.kind !== 'field' || !callback || !isFunction(callback)) return false
    const { params } = callback as FunctionNode
    const [item] = params
    if (item?.type !== 'Identifier') return false
    const reader = new ScriptReader(this.#code, this.#variables)
    reader.#body(callback, new Map([...scope, [item.name, { kind: 'field', path: [] } as const]]))
    const lines = reader.parts.map(part =>
      part.kind === 'step' ? part.sentences.map(line => ofItem(line)).find(line => line !== undefined) : undefined,
    )
    if (lines.length === 0 || lines.some(line => line === undefined)) return false
    for (const line of lines)
      this.parts.push(
        step(
          `Each Item Of ${fieldText(list.path)} Should Match ${line}`,
          this.#text(callback),
          'no sentence asserts this of each item',
        ),
      )
    return true
  }

  #condition(
    { test, consequent, alternate }: Extract<Statement, { type: 'IfStatement' }>,
    scope: Map<string, Subject>,
  ): void {
    const found = assertionsOf(test, scope)
    const isResponse = found?.every(({ subject }) => ['status', 'field', 'length'].includes(subject.kind))
    // A scenario has one way: the condition is asserted, and what depends on it follows.
    if (found && isResponse) this.#assert(found, test)
    else if (!/^(?:tests\[|!\(?environment\.)/.test(this.#text(test)))
      this.#leaveOut(test, 'a scenario has no branches: what depends on this condition follows without it')
    this.#statement(consequent, scope)
    if (alternate) this.#leaveOut(alternate, 'a scenario has no branches: this is the other one')
  }

  #assert(assertions: readonly Assertion[], node: { start: number; end: number }): void {
    for (const given of assertions) {
      const assertion = this.#hasCookies ? this.#ofSavedCookie(given, node) : given
      if (assertion.subject.kind === 'variable' && assertion.comparison === 'exists') continue
      this.parts.push(step(sentencesFor(assertion, this.#variables), this.#text(node), 'no sentence asserts this'))
    }
  }

  /** Saves a cookie that an earlier response may have set; a sentence about a cookie asserts that the last response sets it. */
  #ofSavedCookie(assertion: Assertion, node: { start: number; end: number }): Assertion {
    const { subject, comparison, isNegated } = assertion
    const exists = comparison === (isNegated ? 'is empty' : 'exists')
    if (subject.kind !== 'cookie' || !(exists || comparison === 'equals' || comparison === 'contains')) return assertion
    const name = `cookie ${subject.name}`
    this.#save(name, subject, node)
    return {
      ...assertion,
      subject: { kind: 'variable', name, cookie: subject.name },
      comparison: exists ? 'exists' : comparison,
    }
  }

  #save(name: string, subject: Subject | undefined, node: { start: number; end: number }): void {
    const sentences = subject ? saving(subject, name, this.#variables) : []
    if (sentences.length === 0) {
      this.#leaveOut(node, `no sentence computes this value: set the environment variable instead`)
      return
    }
    const saved = this.#variables.save(name)
    const reason = 'no sentence saves this value'
    this.parts.push(
      step(
        sentences.map(write => write(saved)),
        this.#text(node),
        reason,
      ),
    )
  }

  #leaveOut(node: { start: number; end: number }, reason: string): void {
    this.parts.push(leftOut(this.#text(node), reason))
  }

  #text({ start, end }: { start: number; end: number }): string {
    return this.#code.slice(start, end)
  }
}

/** A comparison that is kept in a variable. */
function conditionOf(node: Expression, scope: Scope): Subject | undefined {
  const [assertion, ...others] = assertionsOf(node, scope) ?? []
  return assertion && others.length === 0 ? { kind: 'condition', assertion } : undefined
}

const reasons: Partial<Record<Statement['type'], string>> = {
  ForStatement: 'a scenario has no loops',
  ForInStatement: 'a scenario has no loops',
  ForOfStatement: 'a scenario has no loops',
  WhileStatement: 'a scenario has no loops',
  DoWhileStatement: 'a scenario has no loops',
  SwitchStatement: 'a scenario has no branches',
  FunctionDeclaration: 'functions are sentences of your own: see defineSentence',
}

function isFunction(node: { type: string }): boolean {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression'
}

/** Functions that write the sentence for a name. @param variable As the script names it. */
function saving(subject: Subject, variable: string, variables: ImportedVariables): ((name: string) => string)[] {
  switch (subject.kind) {
    case 'field':
      return [name => `Save Field ${fieldText(subject.path)} As ${name}`]
    case 'header':
      return [name => `Save Header ${subject.name} As ${name}`]
    case 'media type':
      return [name => `Save Header Content-Type As ${name}`]
    case 'cookie':
      return [name => `Save Cookie ${subject.name} As ${name}`]
    case 'text':
      return [name => `Save Response As ${name}`]
    case 'status':
      return [name => `Save Status Code As ${name}`]
    default: {
      const json = jsonOfSubject(subject, variables)
      const value = json && variables.secrets.json(json, variable)
      return value ? [name => `Save Value ${printJson(value)} As ${name}`] : []
    }
  }
}

/** The JSON of a claim about one item, from the sentence that claims it of a field. */
function ofItem(line: string): string | undefined {
  const [, match] = /^Response Body Should Match\s+([\s\S]+)$/.exec(line) ?? []
  if (match !== undefined) return match
  const [, field, value] =
    /^Field ([\w.]+) Should (?:Exist|Not Be null|Be (["{[$\d-].*|true|false|null))$/s.exec(line) ?? []
  if (field === undefined || field.startsWith('$')) return undefined
  const inner = value ?? '"#notnull"'
  return field.split('.').reduceRight((json, name) => `{${JSON.stringify(name)}: ${json}}`, inner)
}
