/** Reads the members of interfaces and object types in a TypeScript file, with their types and comments. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '../..')

export interface Member {
  type: string
  isOptional: boolean
  /** The text of the comment in one line; empty without one. */
  comment: string
}

const declaration = /^(?:export )?(?:interface (\w+)[^{\n]*|type (\w+) = )\{\n([\s\S]*?)^\}/gm
const member = /^ {2}(?:\/\*\*([\s\S]*?)\*\/\n {2})?(?:readonly )?(\w+)(\?)?: ([^\n]+)$/gm

/** The members of a type that the file declares, formatted as Biome does. Throws if there is no such type. */
export function membersOf(file: string, type: string): Map<string, Member> {
  const text = readFileSync(path.join(root, file), 'utf8')
  for (const [, asInterface, asType, body = ''] of text.matchAll(declaration)) {
    if ((asInterface ?? asType) === type) return new Map([...body.matchAll(member)].map(memberOf))
  }
  throw new Error(`${file} declares no type ${type} with members.`)
}

function memberOf([, comment = '', name = '', optional, type = '']: RegExpExecArray): [string, Member] {
  const lines = comment.split('\n').map(line => line.trim().replace(/^\* ?/, ''))
  return [name, { type, isOptional: optional === '?', comment: lines.join(' ').trim() }]
}
