/** Finds command lines of curl in a text, and splits them into words as Bash or cmd.exe does. */
import { type ParseEntry, parse } from 'shell-quote'

/** Whether the text begins with a command line of curl. */
export function isCurl(text: string): boolean {
  return /^\s*(?:#[^\n]*\n\s*|\n)*(?:\$ )?curl(?:\.exe)?\s/.test(text)
}

/** The command lines, and the numbers of their first lines, from 1. */
export function commandsIn(text: string): { command: string; line: number }[] {
  const commands: { command: string; line: number }[] = []
  let open: { command: string; line: number } | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (!open && /^\s*(?:\$ )?curl(?:\.exe)?\s/.test(line)) {
      open = { command: '', line: index + 1 }
      commands.push(open)
    }
    if (!open) continue
    open.command += `${line.replace(/^\s*\$ (?=curl)/, '')}\n`
    // A command goes on after a backslash, and within quotes.
    const command = isOfCmd(open.command) ? withoutCarets(open.command) : open.command
    if (!/[\\^]\s*$/.test(line) && !hasOpenQuote(command)) open = undefined
  }
  return commands
}

function hasOpenQuote(command: string): boolean {
  const withoutQuoted = command.replace(/\$?'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\./gs, '')
  return /['"]/.test(withoutQuoted)
}

/** Whether it is for cmd.exe, as Chrome copies it: `curl ^"https://…^" ^`. */
const isOfCmd = (command: string) => /\s\^"/.test(command)

/** As cmd.exe gives it to a program: `^` takes the meaning from the next character, and joins the next line. */
function withoutCarets(command: string): string {
  return command.replace(/\^(?:\r?\n(\r?\n)?|([^\r\n]))/g, (_, newline?: string, character?: string) => {
    if (character !== undefined) return character
    return newline === undefined ? ' ' : '\n'
  })
}

function wordsOfCmd(command: string): string[] {
  const words = withoutCarets(command).matchAll(/(?:"(?:[^"\\]|\\[\s\S])*"|[^\s"])+/g)
  const texts = [...words].map(([word]) => unquotedOfCmd(word))
  const end = texts.indexOf('&')
  return end < 0 ? texts : texts.slice(0, end)
}

const unquotedOfCmd = (word: string) =>
  word.replace(/"((?:[^"\\]|\\[\s\S])*)"/g, (_, inner: string) => inner.replace(/\\(["\\])/g, '$1'))

/** Variables are `{{NAME}}`. */
export function wordsOf(command: string): string[] {
  if (isOfCmd(command)) return wordsOfCmd(command)
  const joined = command
    .replace(/[\\^]\r?\n/g, ' ')
    // Of Bash: escape sequences in single quotes.
    .replace(/\$'((?:[^'\\]|\\.)*)'/gs, (_, inner: string) => `'${unescaped(inner).replaceAll("'", `'\\''`)}'`)
  const entries: ParseEntry[] = parse(joined, name => `{{${name}}}`)
  const words: string[] = []
  for (const entry of entries) {
    if (typeof entry === 'string') words.push(entry)
    else if ('op' in entry && entry.op === 'glob') words.push(entry.pattern)
    else if ('op' in entry && ['|', '||', '&&', ';', '>', '>>'].includes(entry.op)) break
    // An address that is not in quotes: `&` joins its parameters.
    else if ('op' in entry && entry.op === '&') words.push('&')
  }
  return rejoined(words)
}

function rejoined(words: readonly string[]): string[] {
  const result: string[] = []
  for (let at = 0; at < words.length; at++) {
    if (words[at] === '&' && result.length > 0 && words[at + 1] !== undefined)
      result[result.length - 1] += `&${words[++at]}`
    else if (words[at] !== '&') result.push(words[at] ?? '')
  }
  return result
}

function unescaped(text: string): string {
  const letters: Record<string, string> = { n: '\n', t: '\t', r: '\r' }
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(.)/gs, (_, letter: string) => letters[letter] ?? letter)
}
