/** Measures how many steps of a published suite have a sentence. */
import { readText } from '../../plain-english/compile/read-spec.ts'
import { Vocabulary } from '../../plain-english/compile/vocabulary.ts'
import { importText } from '../../plain-english/import/import-text.ts'
import { writeScenarios } from '../../plain-english/import/write-scenarios.ts'
import { builtInSentences } from '../../plain-english/sentences/built-in.ts'
import { karateRules, type Rule, robotRules } from './sentence-rules.ts'

const vocabulary = new Vocabulary(builtInSentences)

export interface Measure {
  /** Steps with a sentence, and all. */
  over: number
  total: number
  /** The steps without a sentence, with the reason. */
  left: readonly { original: string; reason: string }[]
}

/** By the end of the file's name: Robot Framework, Karate, a transcription in English; anything else is imported. */
export function measure(content: string, file: string): Measure {
  if (/\.txt$/i.test(file)) return measureTranscription(content, file)
  if (/\.(?:robot|resource)$/i.test(file)) return measureSteps(robotSteps(content), robotRules)
  if (/\.feature$/i.test(file)) return measureSteps(karateSteps(content), karateRules)
  return writeScenarios(importText(content, file), file, vocabulary)
}

/** Of the steps of its source, which a line at its beginning counts, those are left out that a comment names. */
function measureTranscription(content: string, file: string): Measure {
  const [, steps] = /^# (?:Transcribed|Imported) from .+: (\d+) steps\.$/m.exec(content) ?? []
  if (steps === undefined)
    throw new Error(`${file} needs a line: # Transcribed from REPOSITORY, PATH (LICENSE): 7 steps.`)
  const left = [...content.matchAll(/^# (.+): left out, (.+)$/gm)].map(([, original = '', reason = '']) => ({
    original,
    reason,
  }))
  return { over: Number(steps) - left.length, total: Number(steps), left }
}

const known = new Map<string, boolean>()

function measureSteps(steps: readonly string[], rules: readonly Rule[]): Measure {
  const left: { original: string; reason: string }[] = []
  let over = 0
  for (const step of steps) {
    const rule = rules.find(([form]) => form.test(step))
    if (rule && rule[1] === undefined) continue
    if (!rule) left.push({ original: step, reason: 'no sentence does this' })
    else if (isSentence(rule[1] ?? '')) over++
    else left.push({ original: step, reason: `the vocabulary lacks: ${rule[1]}` })
  }
  return { over, total: over + left.length, left }
}

function isSentence(text: string): boolean {
  const found = known.get(text)
  if (found !== undefined) return found
  const { faults } = readText(text, 'line', vocabulary)
  const is = faults.every(
    ({ message }) => !/^(?:No sentence|Something is missing|Two sentences|A text needs|\{)/.test(message),
  )
  known.set(text, is)
  return is
}

/** The steps of test cases and keywords, without settings, and without calls of the file's own keywords. */
function robotSteps(content: string): string[] {
  const lines: string[] = []
  for (const line of content.split(/\r?\n/)) {
    const [, more] = /^\s*\.\.\.(?:\s+(.*))?$/.exec(line) ?? []
    if (/^\s*\.\.\./.test(line)) lines[lines.length - 1] += `  ${more ?? ''}`
    else lines.push(line)
  }
  const steps: string[] = []
  const own = new Set<string>()
  let section = ''
  for (const line of lines) {
    const [, header] = /^\*+\s*([\w ]+?)\s*\**\s*$/.exec(line) ?? []
    if (header !== undefined) section = header.toLowerCase()
    else if (/^(?:keywords?|user keywords?)$/.test(section) && /^\S/.test(line)) own.add(line.trim().toLowerCase())
  }
  section = ''
  for (const line of lines) {
    const [, header] = /^\*+\s*([\w ]+?)\s*\**\s*$/.exec(line) ?? []
    if (header !== undefined) section = header.toLowerCase()
    if (header !== undefined || !/^(?:test cases?|keywords?|tasks?)$/.test(section) || !/^(?: {2,}|\t|\| )/.test(line))
      continue
    const cells = line
      .trim()
      .split(/ {2,}|\t+/)
      .filter(cell => !/^[$@&]\{[^}]*\}\s*=?$/.test(cell) || !/=$|\}$/.test(cell) || !isAssignment(line, cell))
    const [keyword = ''] = cells
    if (keyword === '' || keyword.startsWith('#') || keyword.startsWith('[') || own.has(keyword.toLowerCase())) continue
    steps.push(cells.join('  '))
  }
  return steps
}

/** A variable at the beginning of a line takes the result of the keyword after it. */
function isAssignment(line: string, cell: string): boolean {
  return line.trimStart().startsWith(cell)
}

/** The steps of a feature; a text or a table below a step belongs to it. A mock is no suite. */
function karateSteps(content: string): string[] {
  const steps: string[] = []
  let isText = false
  for (const line of content.split(/\r?\n/)) {
    if (/^\s*"""/.test(line)) isText = !isText
    const [, step] = /^\s*(?:Given|When|Then|And|But|\*)\s+(.*\S)\s*$/.exec(line) ?? []
    if (step !== undefined && !isText) steps.push(step)
  }
  return steps
}
