/** Reads the tags that change how a scenario runs, such as `@skip` and `@timeout:30s`. */
import type { Tag } from '../parse/document.ts'
import type { Mistake } from '../parse/fault.ts'
import { milliseconds } from './read-values.ts'

export interface RunSettings {
  /** How the test is declared. */
  marks: readonly Mark[]
  isSlow: boolean
  /** In milliseconds. */
  timeout: number | undefined
  retries: number | undefined
  /** Of the group of adjacent scenarios with the same mode. */
  mode: Mode | undefined
}

const marks = ['skip', 'fixme', 'fail', 'only'] as const
/** Those that have an effect and no value. */
const withoutValue: readonly string[] = [...marks, 'slow', 'local']
const modes = ['serial', 'parallel', 'default'] as const

type Mark = (typeof marks)[number]
export type Mode = (typeof modes)[number]

/** @param tags With the leading @. */
export function runSettings(tags: readonly string[]): RunSettings {
  const textAfter = (name: string) => tags.findLast(tag => tag.startsWith(`@${name}:`))?.slice(name.length + 2)
  const [timeout, retries, mode] = ['timeout', 'retries', 'mode'].map(textAfter)
  return {
    marks: marks.filter(mark => tags.includes(`@${mark}`)),
    isSlow: tags.includes('@slow'),
    timeout: timeout === undefined ? undefined : milliseconds(timeout),
    retries: retries === undefined ? undefined : Number(retries),
    mode: modes.find(one => one === mode),
  }
}

const values: Readonly<Record<string, { pattern: RegExp; example: string }>> = {
  // Zero would be no limit.
  timeout: { pattern: /^(?=.*[1-9])\d+(?:\.\d+)?(?:ms|s|m)$/, example: '@timeout:30s' },
  retries: { pattern: /^\d{1,3}$/, example: '@retries:2' },
  mode: { pattern: new RegExp(`^(?:${modes.join('|')})$`), example: '@mode:serial' },
}

/** Whether it changes how the test is declared, in which case it has no other meaning. @param tag In its right form. */
export function isSetting(tag: string): boolean {
  const [name = '', value] = tag.slice(1).split(':', 2)
  return value === undefined ? [...marks, 'slow'].some(one => one === name) : Object.hasOwn(values, name)
}

/** What is wrong with a tag that is nearly a special one: in other letters, or without a value that it needs. */
function faultOfTag(tag: string): string | undefined {
  const [, name = '', separator = '', value = ''] = /^@([a-z]+)(?:([:=])(.*))?$/i.exec(tag) ?? []
  const lower = name.toLowerCase()
  const known = values[lower]
  if (known) {
    if (name === lower && separator === ':' && known.pattern.test(value)) return undefined
    return `${tag} has no effect: write it as in ${known.example}.`
  }
  if (!withoutValue.includes(lower) || tag === `@${lower}`) return undefined
  return `${tag} has no effect: write @${lower}.`
}

/** What is wrong with tags, each and together. @param outer Those of the whole file, some of which a scenario can replace. */
export function mistakesInTags(tags: readonly Tag[], outer: readonly Tag[]): Mistake[] {
  const leftOut = [...outer, ...tags].find(other => ['@skip', '@fixme'].includes(other.text))
  const first = new Map<string, string>()
  return tags.flatMap(({ text, offset }) => {
    const own = faultOfTag(text)
    if (own !== undefined) return [{ offset, message: own }]
    if (text === '@only' && leftOut) {
      return [{ offset, message: `@only has no effect beside ${leftOut.text}: remove one of them.` }]
    }
    const [name = '', value] = text.split(':', 2)
    if (value === undefined || !isSetting(text)) return []
    const before = first.get(name) ?? text
    first.set(name, before)
    return before === text ? [] : [{ offset, message: `${text} contradicts ${before}: remove one of them.` }]
  })
}
