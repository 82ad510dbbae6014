/** Finds credentials in clear text by the names beside them: in code, XML, queries, URLs and lines of headers. */
import { isCredentialName } from '../../environment/secrets/redaction/credentials.ts'

export interface FoundCredential {
  /** What it is: the name beside it, or its kind. */
  name: string
  /** Offsets of the value. */
  start: number
  end: number
}

/** Each has a name and a value; only a name of a credential counts. */
const named = [
  // {"password": "…"}, login(password: "…"), password = '…', <user password="…"/>
  /(?<![\w.:-])(?<name>[\w.:-]+)["'`]?\s*[:=]\s*(?<quote>["'`])(?<value>(?:(?!\k<quote>)[^\\\n]|\\.)+)\k<quote>/dg,
  // JSON within a text of JSON.
  /(?<![\w.-])(?<name>[\w.-]+)\\"\s*:\s*\\"(?<value>[^"\\\n]+)\\"/dg,
  // {"otp": 1234}
  /(?<![\w.-])(?<name>[\w.-]+)["'`]\s*:\s*(?<value>\d+)/dg,
  // <Password type="text">…</Password>
  /<(?<name>[\w.:-]+)(?:\s[^<>]*)?>(?:<!\[CDATA\[)?(?<value>[^<>\]]+)(?:\]\]>)?<\//dg,
  // ?api_key=…&, #access_token=…, and a form.
  /(?:^|[?&#])(?<name>[\w.%[\]-]+)=(?<value>[^&#\s"'`<>\\{}]+)/dg,
]

/** Forms of scripts and of lines, which in a value are mostly ordinary text. */
const inLines = [
  // set("password", "…")
  /\bset\w*\(\s*["'`](?<name>[\w.-]+)["'`]\s*,\s*(?<quote>["'`])(?<value>(?:(?!\k<quote>)[^\\\n]|\\.)+)\k<quote>/dgi,
  // X-Api-Key: …
  /(?<=^|\n\s*|-H ["']?)(?<name>[\w-]+):[ \t]*(?<value>[^\s"'{}[][^\n"']*)/dg,
]

/** These are credentials by their form. */
const unnamed: [name: string, form: RegExp][] = [
  ['TOKEN', /\b(?:Bearer|Basic)\s+(?<value>[\w.~+/-]{12,}=*)/dg],
  ['TOKEN', /\b(?<value>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/dg],
  ['PASSWORD', /:\/\/[^\s/?#@:"'`]*:(?<value>[^\s/?#@"'`{}]+)@/dg],
]

/**
 * In their order, without overlaps.
 * @param what A value of a request, or lines: a script, a body that is neither JSON nor a form.
 */
export function credentialsInText(text: string, what: 'value' | 'lines'): FoundCredential[] {
  const found: FoundCredential[] = []
  const add = (name: string, match: RegExpMatchArray) => {
    const [start, end] = match.indices?.groups?.value ?? []
    if (start === undefined || end === undefined) return
    // Placeholders are no values.
    if (/\{\{|\$\{|^#[a-z]+$|^\s*$/.test(text.slice(start, end))) return
    if (!found.some(other => start < other.end && other.start < end)) found.push({ name, start, end })
  }
  for (const [name, form] of unnamed) for (const match of text.matchAll(form)) add(name, match)
  for (const form of what === 'lines' ? [...named, ...inLines] : named) {
    for (const match of text.matchAll(form)) {
      const name = decoded(match.groups?.name ?? '')
      if (isCredentialName(name)) add(name.replace(/^.*[:.]/, ''), match)
    }
  }
  return found.sort((one, other) => one.start - other.start)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
