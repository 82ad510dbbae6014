/** Imports `curl` command lines, as browsers and documentation give them. */
import { type ParseEntry, parse } from 'shell-quote'
import { bodyOf, contentTypeOf } from './body.ts'
import {
  ImportError,
  type Imported,
  type ImportedAuth,
  type ImportedBody,
  type ImportedPart,
  type ImportedRequest,
  leftOut,
} from './imported.ts'
import { type RequestItem, scenariosOf } from './scenarios.ts'
import { ImportedVariables } from './variables.ts'

interface Curl {
  url: string
  method: string | undefined
  headers: { name: string; value: string }[]
  data: string[]
  /** Fields of `-F`. */
  fields: string[]
  user: string | undefined
  isDigest: boolean
  isJson: boolean
  isGet: boolean
  isHead: boolean
  cookies: string[]
  /** Options without a sentence. */
  left: string[]
}

/** Options that take no value and change nothing that a scenario asserts. */
const harmless = new Set([
  '-s',
  '--silent',
  '-S',
  '--show-error',
  '-i',
  '--include',
  '-v',
  '--verbose',
  '-L',
  '--location',
  '--compressed',
  '-k',
  '--insecure',
  '-f',
  '--fail',
  '-#',
  '--progress-bar',
  '-g',
  '--globoff',
  '--http1.1',
  '--http2',
  '-N',
  '--no-buffer',
  '--fail-with-body',
  '--no-progress-meter',
  '--location-trusted',
  '-4',
  '-6',
])
/** Options that take a value and change nothing that a scenario asserts. */
const harmlessValues = new Set([
  '-o',
  '--output',
  '-w',
  '--write-out',
  '-c',
  '--cookie-jar',
  '-m',
  '--max-time',
  '--connect-timeout',
  '--retry',
  '-D',
  '--dump-header',
  '--retry-delay',
  '--max-redirs',
  '--stderr',
])

/** Whether the text begins with a command line of curl. */
export function isCurl(text: string): boolean {
  return /^\s*(?:#[^\n]*\n\s*|\n)*(?:\$ )?curl(?:\.exe)?\s/.test(text)
}

/** @param file Its name, for errors. Throws an `ImportError` for a line without a URL. */
export function importCurl(text: string, file: string): Imported {
  const variables = new ImportedVariables()
  const items = commandsIn(text).map(({ command, line }): RequestItem => {
    const words = wordsOf(command)
    const curl = readCurl(words, `${file}:${line}`)
    const left: ImportedPart[] = curl.left.map(option => leftOut(option, 'no sentence has this option of curl'))
    return {
      title: titleOf(curl),
      folders: [],
      uses: new Set(),
      saves: new Set(),
      request: () => requestOf(curl, variables),
      before: () => left,
      after: () => [],
    }
  })
  if (items.length === 0)
    throw new ImportError(
      `${file} has no command line that begins with curl: copy one as cURL in the browser's network tools.`,
    )
  return { title: 'curl', scenarios: scenariosOf(items, { title: 'curl', variables }), secrets: variables.secrets }
}

function commandsIn(text: string): { command: string; line: number }[] {
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

function wordsOf(command: string): string[] {
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

function readCurl(words: readonly string[], place: string): Curl {
  const curl: Curl = {
    url: '',
    method: undefined,
    headers: [],
    data: [],
    fields: [],
    user: undefined,
    isDigest: false,
    isJson: false,
    isGet: false,
    isHead: false,
    cookies: [],
    left: [],
  }
  const queue = words.slice(1).flatMap(split)
  for (let at = 0; at < queue.length; at++) {
    const option = queue[at] ?? ''
    const value = () => {
      const next = queue[++at]
      if (next === undefined) throw new ImportError(`${place}: the option ${option} of curl needs a value.`)
      return next
    }
    if (harmless.has(option)) continue
    if (harmlessValues.has(option)) value()
    else readOption(option, value, curl)
  }
  if (curl.url === '') throw new ImportError(`${place}: this command of curl has no URL.`)
  return curl
}

/** `-XPOST`, `-sS` and `--request=POST` as their parts. */
function split(word: string): string[] {
  const [, long, text] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? []
  if (long !== undefined) return [long, text ?? '']
  if (!/^-[a-zA-Z]./.test(word)) return [word]
  if (/^-[XHdFubAeom]/.test(word)) return [word.slice(0, 2), word.slice(2)]
  const letters = [...word.slice(1)]
  const at = letters.findIndex(letter => 'XHdFubAeom'.includes(letter))
  if (at < 0) return letters.map(letter => `-${letter}`)
  const rest = letters.slice(at + 1).join('')
  return [...letters.slice(0, at + 1).map(letter => `-${letter}`), ...(rest === '' ? [] : [rest])]
}

function readOption(option: string, value: () => string, curl: Curl): void {
  switch (option) {
    case '-X':
    case '--request':
      curl.method = value().toUpperCase()
      return
    case '-H':
    case '--header': {
      const [name = '', ...rest] = value().split(':')
      if (rest.length > 0) curl.headers.push({ name: name.trim(), value: rest.join(':').trim() })
      return
    }
    case '--json':
      curl.isJson = true
      curl.data.push(value())
      return
    case '-d':
    case '--data':
    case '--data-raw':
    case '--data-ascii':
    case '--data-binary':
      curl.data.push(value())
      return
    case '--data-urlencode': {
      const [name = '', ...rest] = value().split('=')
      curl.data.push(rest.length > 0 ? `${name}=${encodeURIComponent(rest.join('='))}` : encodeURIComponent(name))
      return
    }
    case '-F':
    case '--form':
    case '--form-string':
      curl.fields.push(value())
      return
    case '-u':
    case '--user':
      curl.user = value()
      return
    case '--digest':
      curl.isDigest = true
      return
    case '-b':
    case '--cookie':
      curl.cookies.push(value())
      return
    case '-A':
    case '--user-agent':
      curl.headers.push({ name: 'User-Agent', value: value() })
      return
    case '-e':
    case '--referer':
      curl.headers.push({ name: 'Referer', value: value() })
      return
    case '-T':
    case '--upload-file':
      curl.method ??= 'PUT'
      curl.data.push(`@${value()}`)
      return
    case '-G':
    case '--get':
      curl.isGet = true
      return
    case '-I':
    case '--head':
      curl.isHead = true
      return
    case '--url':
      curl.url = value()
      return
    default:
      if (!option.startsWith('-')) curl.url = curl.url === '' ? option : curl.url
      else curl.left.push(option)
  }
}

function requestOf(curl: Curl, variables: ImportedVariables): ImportedRequest {
  const headers = [...curl.headers]
  if (curl.cookies.length > 0) headers.push({ name: 'Cookie', value: curl.cookies.join('; ') })
  const joined = curl.data.join('&')
  const query = curl.isGet && joined !== '' ? `${curl.url.includes('?') ? '&' : '?'}${joined}` : ''
  const body = curl.isGet ? undefined : curlBody(curl, joined, headers, variables)
  const method = curl.method ?? (curl.isHead ? 'HEAD' : body ? 'POST' : 'GET')
  return {
    method,
    url: variables.template(curl.url + query),
    headers: headers.map(({ name, value }) => ({ name, value: variables.template(value) })),
    body,
    ...(curl.user !== undefined && { auth: authOf(curl.user, curl.isDigest, variables) }),
  }
}

/** @param given `user:password`; curl asks for a password that is not given. */
function authOf(given: string, isDigest: boolean, variables: ImportedVariables): ImportedAuth {
  const [user = '', ...password] = given.split(':')
  const secret = password.length > 0 ? password.join(':') : '{{password}}'
  return {
    kind: isDigest ? 'digest' : 'basic',
    name: variables.template(user),
    password: variables.template(secret),
  }
}

function curlBody(
  curl: Curl,
  joined: string,
  headers: readonly { name: string; value: string }[],
  variables: ImportedVariables,
): ImportedBody | undefined {
  if (curl.fields.length > 0) {
    const fields = curl.fields.map(field => {
      const [name = '', ...rest] = field.split('=')
      const content = rest.join('=')
      const file = /^[@<]/.test(content) ? content.slice(1).replace(/;.*$/, '') : undefined
      return { name, value: variables.template(content), file }
    })
    return { kind: 'multipart', fields }
  }
  if (curl.data.length === 0) return undefined
  const type = contentTypeOf(headers) ?? (curl.isJson ? 'application/json' : 'application/x-www-form-urlencoded')
  if (/^@./.test(joined)) return { kind: 'file', file: joined.slice(1), contentType: type }
  // Many write JSON without its Content-Type.
  if (!contentTypeOf(headers) && /^\s*[{[]/.test(joined)) return bodyOf(joined, 'application/json', variables)
  return bodyOf(joined, type, variables)
}

function titleOf({ method, url, isHead, data, fields, isGet }: Curl): string {
  const path = url.replace(/^(?:https?:\/\/[^/]+|[^/?#]*@[^/?#]+)/, '').replace(/\?.*$/, '')
  const verb = method ?? (isHead ? 'HEAD' : (data.length > 0 && !isGet) || fields.length > 0 ? 'POST' : 'GET')
  return `${verb} ${path === '' ? '/' : path}`
}
