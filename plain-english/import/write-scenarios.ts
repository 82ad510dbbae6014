/** Writes imported scenarios as a file in English that parses and compiles, with a comment for each part that has no sentence. */
import { readText } from '../compile/read-spec.ts'
import { isSetting, mistakesInTags } from '../compile/special-tags.ts'
import type { Vocabulary } from '../compile/vocabulary.ts'
import type { Imported, ImportedPart, ImportedScenario, ImportedStep } from './imported.ts'
import type { ImportedSecrets } from './secrets.ts'

export interface Written {
  /** The content of the file. */
  text: string
  scenarios: number
  /** The parts that have become sentences, of all. */
  over: number
  total: number
  /** Why parts are left out, with how many; the most frequent first. */
  reasons: readonly { reason: string; count: number }[]
  /** The parts that are left out, as the file that was imported writes them. */
  left: readonly { original: string; reason: string }[]
  /** Names of environment variables, without and with a value that must not be shown. */
  environment: readonly string[]
  secrets: readonly string[]
  /** Origins of the requests, other than the app's own. */
  origins: readonly string[]
}

interface Line {
  text: string
  /** Undefined for a comment that stands for no part. */
  step?: ImportedStep
  isSentence: boolean
  reason: string
}

interface Block {
  title: string
  tags: readonly string[]
  lines: Line[]
}

export function writeScenarios(
  { scenarios, title, secrets }: Imported,
  source: string,
  vocabulary: Vocabulary,
): Written {
  const titles = new Set<string>()
  const concealed = scenarios.map(scenario => withoutSecrets(scenario, secrets))
  const blocks = concealed.map(scenario => blockOf(scenario, titles, vocabulary))
  const head = `# Imported from ${oneLine(source)} (${oneLine(secrets.conceal(title, 'value'))}).`
  const text = settled(blocks, head, vocabulary)
  const lines = blocks.flatMap(block => block.lines)
  const steps = lines.filter(line => line.step !== undefined)
  const left = steps.filter(line => !line.isSentence)
  const counts = new Map<string, number>()
  for (const { reason } of left) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const sentences = lines.filter(line => line.isSentence).map(line => line.text)
  const names = (kind: string) =>
    [
      ...new Set(
        sentences.flatMap(line =>
          [...line.matchAll(new RegExp(`\\$\\{${kind}:(\\w+)\\}`, 'g'))].map(found => found[1] ?? ''),
        ),
      ),
    ].sort()
  return {
    text,
    scenarios: blocks.length,
    over: steps.length - left.length,
    total: steps.length,
    reasons: [...counts].map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count),
    left: left.map(({ step, reason }) => ({ original: oneLine(step?.original ?? ''), reason })),
    environment: names('env'),
    secrets: names('secret'),
    origins: [...new Set(sentences.flatMap(originOf))].sort(),
  }
}

/** Titles and comments without credentials: a file has them also in names of requests, and in scripts that are left out. */
function withoutSecrets({ title, tags, parts }: ImportedScenario, secrets: ImportedSecrets): ImportedScenario {
  return {
    title: secrets.conceal(title, 'value').replace(/\$\{secret:\w+\}/g, '…'),
    ...(tags && { tags }),
    parts: parts.map(part =>
      part.kind === 'remark'
        ? { ...part, text: secrets.conceal(part.text, 'value') }
        : { ...part, original: secrets.conceal(part.original, 'lines') },
    ),
  }
}

function blockOf({ title, tags = [], parts }: ImportedScenario, titles: Set<string>, vocabulary: Vocabulary): Block {
  return {
    title: uniqueTitle(oneLine(title) || 'a request', titles),
    // A tag of another tool must not change how the test runs.
    tags: tags.filter(
      tag => /^@[^@\s,;]+$/.test(tag) && !isSetting(tag) && mistakesInTags([{ text: tag, offset: 0 }], []).length === 0,
    ),
    lines: withRequests(parts.map(part => lineOf(part, vocabulary))),
  }
}

/** What is below a request that is left out would be about the response of another one. */
function withRequests(lines: Line[]): Line[] {
  let isSent = true
  for (const line of lines) {
    if (line.step?.isRequest) isSent = line.isSentence
    else if (!isSent && line.step && line.isSentence && isAboutResponse(line.text))
      leaveOut(line, 'its request is left out')
  }
  return lines
}

const isAboutResponse = (sentence: string) =>
  !/^(?:Set|Remove|Bearer|Sign|Do Not|Follow|Save Value|Value|With)\b/.test(sentence)

function leaveOut(line: Line, reason: string): void {
  Object.assign(line, { isSentence: false, reason, text: line.step?.original ?? line.text })
}

function uniqueTitle(title: string, titles: Set<string>): string {
  let unique = title
  for (let count = 2; titles.has(unique); count++) unique = `${title} (${count})`
  titles.add(unique)
  return unique
}

function lineOf(part: ImportedPart, vocabulary: Vocabulary): Line {
  if (part.kind === 'remark') return { text: part.text, isSentence: false, reason: '' }
  const sentence = part.sentences.find(text => isSentence(text, vocabulary))
  if (sentence !== undefined) return { text: sentence, step: part, isSentence: true, reason: '' }
  return { text: part.original, step: part, isSentence: false, reason: part.reason }
}

/** Whether it matches exactly one definition; its variables do not count yet. */
function isSentence(text: string, vocabulary: Vocabulary): boolean {
  const { faults } = readText(text, 'line', vocabulary)
  return faults.every(({ message }) => message.startsWith('There is no variable '))
}

/** Turns lines with a fault into comments until the whole file compiles; a fault of a line can be that of one above it. */
function settled(blocks: readonly Block[], head: string, vocabulary: Vocabulary): string {
  for (;;) {
    for (const { lines } of blocks) ensureSentence(withRequests(lines))
    const { text, lineAt } = rendered(blocks, head)
    const { faults } = readText(text, 'file', vocabulary)
    if (faults.length === 0) return text
    let changed = 0
    for (const { line, message } of faults) {
      const faulty = lineAt[line - 1]
      if (!faulty?.isSentence) continue
      leaveOut(faulty, lowered(message))
      changed++
    }
    if (changed === 0) throw new Error(`The imported file would have a fault: ${faults[0]?.message}`)
  }
}

const placeholder = 'GET /'

/** A scenario needs a sentence. */
function ensureSentence(lines: Line[]): void {
  if (lines.some(line => line.isSentence)) return
  lines.push({
    text: 'Nothing of this could be imported: this request stands in its place.',
    isSentence: false,
    reason: '',
  })
  lines.push({ text: placeholder, isSentence: true, reason: '' })
}

function rendered(blocks: readonly Block[], head: string): { text: string; lineAt: (Line | undefined)[] } {
  const output: string[] = [head]
  const lineAt: (Line | undefined)[] = [undefined]
  const write = (text: string, line?: Line) => {
    for (const one of text.split('\n')) {
      output.push(one)
      lineAt.push(line)
    }
  }
  for (const { title, tags, lines } of blocks) {
    write('')
    if (tags.length > 0) write(`Tag: ${tags.join(' ')}`)
    write(`Scenario: ${title}`)
    for (const line of lines) {
      if (line.isSentence) write(line.text, line)
      else
        write(
          line.reason === ''
            ? `# ${oneLine(line.text)}`
            : `# ${shortened(oneLine(line.text))}: left out, ${oneLine(line.reason)}`,
        )
    }
  }
  return { text: `${output.join('\n')}\n`, lineAt }
}

function originOf(sentence: string): string[] {
  const found = /^(?:Go To |[A-Z]+ )(https?:\/\/[^/\s?${}]+)/.exec(sentence)?.[1]
  return found === undefined || !URL.canParse(found) ? [] : [new URL(found).origin]
}

function lowered(message: string): string {
  return message.replace(/^[A-Z](?=[a-z])/, letter => letter.toLowerCase()).replace(/\.$/, '')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
