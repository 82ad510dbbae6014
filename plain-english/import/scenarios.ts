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
  request(): ImportedRequest
  /** What precedes the request, and what follows it. */
  before?(): ImportedPart[]
  after(): ImportedPart[]
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
    const writer = new RequestWriter(isRecorded)
    const [only] = group
    const parts = group.flatMap((item): ImportedPart[] => {
      const name = group.length > 1 && item.title !== '' ? [remark(item.title)] : []
      return [...name, ...(item.before?.() ?? []), ...writer.parts(item.request()), ...item.after()]
    })
    const titleOfOne = only && [...only.folders, only.title].filter(part => part !== '').join(' / ')
    return { title: group.length === 1 && titleOfOne ? titleOfOne : (commonFolder(group) ?? title), parts }
  })
}

function grouped(items: readonly RequestItem[]): RequestItem[][] {
  const group = items.map((_, index) => index)
  const root = (index: number): number => (group[index] === index ? index : root(group[index] ?? index))
  for (const [index, { uses }] of items.entries()) {
    for (const name of uses) {
      // The last one before it that saves the variable, or the first one after it.
      const before = items.slice(0, index).findLastIndex(({ saves }) => saves.has(name))
      const saver = before >= 0 ? before : items.findIndex(({ saves }, at) => at > index && saves.has(name))
      if (saver >= 0) {
        const [one, other] = [root(index), root(saver)].sort((a, b) => a - b)
        if (one !== undefined && other !== undefined) group[other] = one
      }
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
