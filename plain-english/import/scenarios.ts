/** Groups requests into scenarios: those that pass values on to each other run in one, in their order. */
import type { ImportedPart, ImportedRequest, ImportedScenario } from './imported.ts'
import { remark } from './imported.ts'
import { RequestWriter } from './request-parts.ts'
import type { ImportedVariables } from './variables.ts'

/** A request of a file, with what its scripts say. */
export interface RequestItem {
  title: string
  /** The folders that it is in, outermost first. */
  folders: readonly string[]
  /** The names of the variables that it uses and saves. */
  uses: ReadonlySet<string>
  saves: ReadonlySet<string>
  /** All that is sent, as the file writes it, and the status that the file expects. */
  sent?: string
  status?: string | undefined
  /** Whether it needs the cookies that the request before it, in its folder, has got. */
  needsCookies?: boolean
  request(): ImportedRequest
  /** What precedes the request, and what follows it. @param isFirst Whether no request of its scenario precedes it. */
  before?(): ImportedPart[]
  after(isFirst: boolean): ImportedPart[]
}

export interface Grouping {
  /** The title of a group across folders. */
  title: string
  variables: ImportedVariables
  isRecorded?: boolean
  /** All requests are one scenario. */
  isOne?: boolean
}

export function scenariosOf(
  items: readonly RequestItem[],
  { title, variables, isRecorded, isOne }: Grouping,
): ImportedScenario[] {
  const groups = isOne ? [[...items]] : grouped(items)
  return groups.map(group => {
    variables.beginScenario()
    const writer = new RequestWriter(variables.secrets, isRecorded)
    const [only] = group
    const parts = group.flatMap((item, index): ImportedPart[] => {
      const name = group.length > 1 && item.title !== '' ? [remark(item.title)] : []
      return [...name, ...(item.before?.() ?? []), ...writer.parts(item.request()), ...item.after(index === 0)]
    })
    const titleOfOne = only && [...only.folders, only.title].filter(part => part !== '').join(' / ')
    return { title: group.length === 1 && titleOfOne ? titleOfOne : (commonFolder(group) ?? title), parts }
  })
}

/** The status that a script asserts, as far as a group needs it. */
export function statusIn(code: string): string | undefined {
  return /(?:status|code)\D{0,40}?\b([1-5]\d\d)\b/i.exec(code)?.[1]
}

function grouped(items: readonly RequestItem[]): RequestItem[][] {
  const group = items.map((_, index) => index)
  const root = (index: number): number => (group[index] === index ? index : root(group[index] ?? index))
  const join = (one: number, other: number) => {
    const [first = 0, second = 0] = [root(one), root(other)].sort((a, b) => a - b)
    group[second] = first
  }
  for (const [index, { folders, uses, sent, status, needsCookies }] of items.entries()) {
    if (needsCookies && items[index - 1]?.folders.join('/') === folders.join('/')) join(index - 1, index)
    // What is between two equal requests changes the status: a user is created, or removed.
    const before = items.slice(0, index)
    const equal = before.findLastIndex(other => sent !== undefined && other.sent === sent)
    const isChanged = equal >= 0 && status !== undefined && ![undefined, status].includes(items[equal]?.status)
    for (let at = isChanged ? equal : index; at < index; at++) join(at, at + 1)
    for (const name of uses) {
      // The last one before it that saves the variable, or the first one after it.
      const last = before.findLastIndex(({ saves }) => saves.has(name))
      const saver = last >= 0 ? last : items.findIndex(({ saves }, at) => at > index && saves.has(name))
      if (saver >= 0) join(index, saver)
    }
  }
  const groups = new Map<number, RequestItem[]>()
  for (const [index, item] of items.entries()) groups.set(root(index), [...(groups.get(root(index)) ?? []), item])
  return [...groups.values()]
}

function commonFolder(group: readonly RequestItem[]): string | undefined {
  const [first] = group
  const common = first?.folders.filter((folder, depth) => group.every(({ folders }) => folders[depth] === folder)) ?? []
  return common.length > 0 ? common.join(' / ') : undefined
}
