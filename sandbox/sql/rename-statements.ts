/** Replaces the names of prepared statements in a text by those on the server, and maps positions back. */

import type { NamedStatement } from './commands/prepared-names.ts'
import { identifier } from './quote.ts'

export type Renamed = {
  sql: string
  /** Maps a position in this text to one in the client's text; both count characters from 1, as the server does. */
  placeOf(place: number): number
}

/** Replaces names, which are given in the order of the text. */
export function rename(sql: string, names: readonly (NamedStatement & { serverName: string })[]): Renamed {
  let text = ''
  let at = 0
  const edits: { after: number; longer: number }[] = []
  for (const { start, end, serverName } of names) {
    const name = identifier(serverName)
    text += sql.slice(at, start) + name
    edits.push({ after: characters(text), longer: characters(name) - characters(sql.slice(start, end)) })
    at = end
  }
  return {
    sql: text + sql.slice(at),
    placeOf: place => place - edits.reduce((sum, { after, longer }) => sum + (place > after ? longer : 0), 0),
  }
}

const characters = (text: string): number => [...text].length
