/**
 * Collects the messages of errors in the sources: what is given to a class whose name ends in `Error`, or to `fatal`. Values
 * in a message become `…`.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync } from '@swc/core'

export interface Message {
  /** The file that makes the error, relative to the repository. */
  file: string
  text: string
}

/** A node of swc's syntax tree, as far as it is read here. */
interface Node {
  type: string
  [key: string]: unknown
}

/** A module, and what its top level declares. */
interface Module {
  file: string
  body: readonly Node[]
  declared: ReadonlyMap<string, Node>
  imported: ReadonlyMap<string, { file: string; name: string }>
}

const root = path.join(import.meta.dirname, '../..')
const modules = new Map<string, Module>()

/** The messages of the errors that a file makes. A message that is only a value, such as another error's, is left out. */
export function messagesIn(file: string): Message[] {
  // Parsing all of the sources would take seconds.
  if (!/Error\(|\bfatal\(/.test(readFileSync(path.join(root, file), 'utf8'))) return []
  const module = moduleAt(file)
  const texts = new Set<string>()
  const visit = (value: unknown, scopes: readonly Node[]): void => {
    if (Array.isArray(value)) for (const entry of value) visit(entry, scopes)
    else if (typeof value === 'object' && value !== null) {
      const node = value as Node
      const inner = isFunction(node) ? [...scopes, node] : scopes
      for (const argument of messageArguments(node))
        for (const text of textsOf(argument, module, inner)) texts.add(text)
      for (const member of Object.values(node)) visit(member, inner)
    }
  }
  visit(module.body, [])
  return [...texts].filter(text => /\p{L}{3}/u.test(text)).map(text => ({ file, text }))
}

/** The arguments of a call that makes an error, of which one is the message. */
function messageArguments(node: Node): Node[] {
  const callee = node.callee as Node | undefined
  const name = callee?.type === 'Identifier' ? String(callee.value) : ''
  const makesError =
    node.type === 'NewExpression' ? name.endsWith('Error') : node.type === 'CallExpression' && name === 'fatal'
  if (!makesError) return []
  const given = ((node.arguments ?? []) as { expression: Node }[]).map(({ expression }) => expression)
  // The first argument of these is an SQLSTATE, or a list of errors.
  const hasCode = name === 'SessionError' || name === 'fatal' || name === 'AggregateError'
  const [message] = hasCode ? given.slice(1) : given
  return message ? [message] : []
}

/** The texts that an expression can have. `…` is a value. */
function textsOf(node: Node, module: Module, scopes: readonly Node[], depth = 0): string[] {
  if (depth > 6) return ['…']
  const again = (inner: unknown) => textsOf(inner as Node, module, scopes, depth + 1)
  switch (node.type) {
    case 'StringLiteral':
      return [String(node.value)]
    case 'TemplateLiteral': {
      const quasis = node.quasis as { cooked: string }[]
      const parts = node.expressions as Node[]
      const start = [quasis[0]?.cooked ?? '']
      return parts.reduce((texts, part, index) => {
        const values = part.type === 'ConditionalExpression' ? again(part) : ['…']
        return texts.flatMap(text => values.map(value => `${text}${value}${quasis[index + 1]?.cooked ?? ''}`))
      }, start)
    }
    case 'BinaryExpression':
      if (node.operator !== '+') return ['…']
      return again(node.left).flatMap(left => again(node.right).map(right => left + right))
    case 'ParenthesisExpression':
      return again(node.expression)
    case 'ConditionalExpression':
      return [...again(node.consequent), ...again(node.alternate)]
    case 'Identifier': {
      const found = declarationOf(String(node.value), module, scopes)
      return found ? textsOf(found.node, found.module, found.scopes, depth + 1) : ['…']
    }
    case 'CallExpression': {
      const callee = node.callee as Node
      const found = callee.type === 'Identifier' ? declarationOf(String(callee.value), module, scopes) : undefined
      if (!found || !isFunction(found.node)) return ['…']
      return returnsOf(found.node).flatMap(value => textsOf(value, found.module, [found.node], depth + 1))
    }
    default:
      return ['…']
  }
}

/** The value of a constant, or a function, that is in scope under a name. */
function declarationOf(
  name: string,
  module: Module,
  scopes: readonly Node[],
): { node: Node; module: Module; scopes: readonly Node[] } | undefined {
  for (const scope of scopes.toReversed()) {
    const inside = declaredIn(((scope.body as Node | undefined)?.stmts ?? []) as Node[]).get(name)
    if (inside) return { node: inside, module, scopes }
  }
  const here = module.declared.get(name)
  if (here) return { node: here, module, scopes: [] }
  const imported = module.imported.get(name)
  if (!imported || !existsSync(path.join(root, imported.file))) return undefined
  return declarationOf(imported.name, moduleAt(imported.file), [])
}

function returnsOf(node: Node): Node[] {
  const body = node.body as Node | undefined
  if (!body) return []
  if (body.type !== 'BlockStatement') return [body]
  const found: Node[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const entry of value) visit(entry)
    else if (typeof value === 'object' && value !== null && !isFunction(value as Node)) {
      const node = value as Node
      if (node.type === 'ReturnStatement' && node.argument) found.push(node.argument as Node)
      for (const member of Object.values(node)) visit(member)
    }
  }
  visit(body.stmts)
  return found
}

function moduleAt(file: string): Module {
  const known = modules.get(file)
  if (known) return known
  const { body } = parseSync(readFileSync(path.join(root, file), 'utf8'), { syntax: 'typescript' })
  const nodes = body as unknown as Node[]
  const module = { file, body: nodes, declared: declaredIn(nodes), imported: importedBy(nodes, file) }
  modules.set(file, module)
  return module
}

function declaredIn(statements: readonly Node[]): Map<string, Node> {
  return new Map(
    statements
      .map(statement => (statement.type === 'ExportDeclaration' ? (statement.declaration as Node) : statement))
      .flatMap((statement): [string, Node][] => {
        if (statement.type === 'FunctionDeclaration') return [[String((statement.identifier as Node).value), statement]]
        if (statement.type !== 'VariableDeclaration') return []
        return (statement.declarations as { id: Node; init?: Node }[]).flatMap(({ id, init }): [string, Node][] =>
          id.type === 'Identifier' && init ? [[String(id.value), init]] : [],
        )
      }),
  )
}

function importedBy(statements: readonly Node[], file: string): Map<string, { file: string; name: string }> {
  const imports = statements.filter(({ type }) => type === 'ImportDeclaration')
  return new Map(
    imports.flatMap(({ source, specifiers }) => {
      const from = String((source as Node).value)
      if (!from.startsWith('.')) return []
      const target = path.join(path.dirname(file), from)
      return (specifiers as { local: { value: string }; imported?: { value: string } | null }[]).map(
        ({ local, imported }) => [local.value, { file: target, name: imported?.value ?? local.value }] as const,
      )
    }),
  )
}

/** Functions and methods; swc gives the function of a method no type. */
function isFunction(node: Node): boolean {
  return Array.isArray(node.params) && 'body' in node
}
