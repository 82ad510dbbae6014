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
  /** Texts, and names of files whose content is sent. */
  data: ({ text: string } | { file: string })[]
  /** Of `--url-query`. */
  query: string[]
  fields: Field[]
  user: string | undefined
  isDigest: boolean
  isJson: boolean
  isGet: boolean
  isHead: boolean
  cookies: string[]
  /** Options without a sentence. */
  left: string[]
}

/** A part of a form, by `-F`. */
interface Field {
  name: string
  text: string
  file?: string
  /** Of a file, how it is named in the form. */
  fileName?: string
  type?: string
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
/** Other options that take a value, which would be read as the URL. */
const unknownValues = new Set(
  `-x -U -E -K -C -Q -P -t -y -Y -z --proxy --proxy-user --preproxy --proxy-header --proxy-cacert --proxy-cert --proxy-key
  --proxy-pass --proxy-ciphers --socks4 --socks4a --socks5 --socks5-hostname --noproxy --cacert --capath --cert --cert-type
  --key --key-type --pass --ciphers --tls13-ciphers --tls-max --curves --crlfile --pinnedpubkey --engine --config --connect-to
  --resolve --interface --local-port --dns-servers --dns-interface --dns-ipv4-addr --dns-ipv6-addr --doh-url --unix-socket
  --abstract-unix-socket --aws-sigv4 --netrc-file --continue-at --quote --time-cond --limit-rate --max-filesize --rate
  --speed-limit --speed-time --retry-max-time --keepalive-time --keepalive-cnt --expect100-timeout
  --happy-eyeballs-timeout-ms --proto --proto-default --proto-redir --request-target --etag-compare --etag-save --hsts
  --alt-svc --output-dir --create-file-mode --parallel-max --trace --trace-ascii --trace-config --libcurl --variable
  --login-options --service-name --delegation --krb --tlsuser --tlspassword --tlsauthtype --haproxy-clientip --ech`.split(
    /\s+/,
  ),
)

/** Whether the text begins with a command line of curl. */
export function isCurl(text: string): boolean {
  return /^\s*(?:#[^\n]*\n\s*|\n)*(?:\$ )?curl(?:\.exe)?\s/.test(text)
}

/** @param file Its name, for errors. Throws an `ImportError` for a line without a URL. */
export function importCurl(text: string, file: string): Imported {
  const variables = new ImportedVariables()
  const requests = commandsIn(text).flatMap(({ command, line }) =>
    operationsIn(wordsOf(command)).flatMap(words => readCurl(words, `${file}:${line}`)),
  )
  const items = requests.map((curl): RequestItem => {
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

/** The options and URLs of each operation of a command; `--next` begins another one. */
function operationsIn([, ...words]: readonly string[]): string[][] {
  const operations: string[][] = [[]]
  for (const word of words) {
    if (word === '--next' || word === '-:') operations.push([])
    else operations.at(-1)?.push(word)
  }
  return operations
}

/** A request for each URL. Throws an `ImportError` if there is none. */
function readCurl(words: readonly string[], place: string): Curl[] {
  const urls: string[] = []
  const curl: Curl = {
    url: '',
    method: undefined,
    headers: [],
    data: [],
    query: [],
    fields: [],
    user: undefined,
    isDigest: false,
    isJson: false,
    isGet: false,
    isHead: false,
    cookies: [],
    left: [],
  }
  const queue = words.flatMap(split)
  for (let at = 0; at < queue.length; at++) {
    const option = queue[at] ?? ''
    const value = () => {
      const next = queue[++at]
      if (next === undefined) throw new ImportError(`${place}: the option ${option} of curl needs a value.`)
      return next
    }
    if (harmless.has(option)) continue
    if (harmlessValues.has(option)) value()
    else if (unknownValues.has(option)) {
      // The value can be a credential.
      value()
      curl.left.push(option)
    } else if (option === '--url') urls.push(value())
    else if (option.startsWith('-')) readOption(option, value, curl)
    else urls.push(option)
  }
  if (urls.length === 0) throw new ImportError(`${place}: this command of curl has no URL.`)
  return urls.map(url => ({ ...curl, url }))
}

/** The short options that take a value. */
const shortWithValue = 'XHdFubAeomwcDTrxUEKCQPtyYz'

/** `-XPOST`, `-sS` and `--request=POST` as their parts. */
function split(word: string): string[] {
  const [, long, text] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? []
  if (long !== undefined) return [long, text ?? '']
  if (!/^-[a-zA-Z]./.test(word)) return [word]
  const letters = [...word.slice(1)]
  const at = letters.findIndex(letter => shortWithValue.includes(letter))
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
      const given = value()
      const [name = '', ...rest] = given.split(':')
      const content = rest.join(':').trim()
      if (content !== '') curl.headers.push({ name: name.trim(), value: content })
      // A colon at the end removes a header of curl's own; a semicolon sends one without a value.
      else if (/^[^@:]+;$/.test(given)) curl.headers.push({ name: given.slice(0, -1).trim(), value: '' })
      else if (rest.length === 0) curl.left.push(option)
      return
    }
    case '--json':
      curl.isJson = true
      curl.data.push(textOrFile(value()))
      return
    case '-d':
    case '--data':
    case '--data-ascii':
    case '--data-binary':
      curl.data.push(textOrFile(value()))
      return
    case '--data-raw':
      curl.data.push({ text: value() })
      return
    case '--data-urlencode':
      curl.data.push(encodedPair(value()))
      return
    case '--url-query': {
      const given = value()
      const pair = given.startsWith('+') ? { text: given.slice(1) } : encodedPair(given)
      if ('text' in pair) curl.query.push(pair.text)
      else curl.left.push(option)
      return
    }
    case '-F':
    case '--form':
      curl.fields.push(fieldOf(value()))
      return
    case '--form-string': {
      const [name = '', ...rest] = value().split('=')
      curl.fields.push({ name, text: rest.join('=') })
      return
    }
    case '--oauth2-bearer':
      curl.headers.push({ name: 'Authorization', value: `Bearer ${value()}` })
      return
    case '-r':
    case '--range':
      curl.headers.push({ name: 'Range', value: `bytes=${value()}` })
      return
    case '-u':
    case '--user':
      curl.user = value()
      return
    case '--digest':
      curl.isDigest = true
      return
    case '-b':
    case '--cookie': {
      const given = value()
      // Without an equals sign it is the name of a file.
      if (given.includes('=')) curl.cookies.push(given)
      else curl.left.push(option)
      return
    }
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
      curl.data.push({ file: value() })
      return
    case '-G':
    case '--get':
      curl.isGet = true
      return
    case '-I':
    case '--head':
      curl.isHead = true
      return
    default:
      curl.left.push(option)
  }
}

const textOrFile = (given: string) => (given.startsWith('@') ? { file: given.slice(1) } : { text: given })

/** `name=content`, `=content` or `content`, and `name@file` or `@file`. */
function encodedPair(given: string): Curl['data'][number] {
  const [, name = '', mark, content = ''] = /^([^=@]*)([=@])(.*)$/s.exec(given) ?? []
  if (mark === undefined) return { text: encodeURIComponent(given) }
  if (mark === '@') return { file: content }
  return { text: `${name === '' ? '' : `${name}=`}${encodeURIComponent(content)}` }
}

/** `name=text`, `name=@file` or `name=<file`, each with `;type=` and, for a file, `;filename=`. */
function fieldOf(given: string): Field {
  const [name = '', ...rest] = given.split('=')
  const [, content = '', settings = ''] =
    /^(.*?)((?:;\s*(?:type|filename)=[^;]*(?:;\s*charset=[^;]*)?)*)$/s.exec(rest.join('=')) ?? []
  const setting = (key: string) =>
    new RegExp(`;\\s*${key}=("?)(.*?)\\1(?=;\\s*(?:type|filename)=|$)`, 's').exec(settings)?.[2]
  const [type, fileName] = [setting('type'), setting('filename')]
  const isFile = /^[@<]/.test(content)
  return {
    name,
    text: content,
    ...(isFile && { file: content.slice(1) }),
    ...(isFile && fileName !== undefined && { fileName }),
    ...(type !== undefined && { type }),
  }
}

function requestOf(curl: Curl, variables: ImportedVariables): ImportedRequest {
  const headers = [...curl.headers]
  if (curl.cookies.length > 0) headers.push({ name: 'Cookie', value: curl.cookies.join('; ') })
  const texts = curl.data.flatMap(one => ('text' in one ? [one.text] : []))
  const query = [...curl.query, ...(curl.isGet ? texts : [])].filter(text => text !== '').join('&')
  const url = query === '' ? curl.url : `${curl.url}${curl.url.includes('?') ? '&' : '?'}${query}`
  const body = curl.isGet ? undefined : curlBody(curl, texts.join('&'), headers, variables)
  const method = curl.method ?? (curl.isHead ? 'HEAD' : body ? 'POST' : 'GET')
  return {
    method,
    url: variables.template(url),
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
    return {
      kind: 'multipart',
      fields: curl.fields.map(field => ({ ...field, value: variables.template(field.text) })),
    }
  }
  if (curl.data.length === 0) return undefined
  const type = contentTypeOf(headers) ?? (curl.isJson ? 'application/json' : 'application/x-www-form-urlencoded')
  const [first, ...others] = curl.data
  if (first && 'file' in first && others.length === 0) {
    return first.file === '-'
      ? { kind: 'unknown', reason: 'no sentence reads the standard input' }
      : { kind: 'file', file: first.file, contentType: type }
  }
  if (curl.data.some(one => 'file' in one)) {
    return { kind: 'unknown', reason: 'no sentence sends a file and other data as one body' }
  }
  // Many write JSON without its Content-Type.
  if (!contentTypeOf(headers) && /^\s*[{[]/.test(joined)) return bodyOf(joined, 'application/json', variables)
  return bodyOf(joined, type, variables)
}

function titleOf({ method, url, isHead, data, fields, isGet }: Curl): string {
  const path = url.replace(/^(?:https?:\/\/[^/]+|[^/?#]*@[^/?#]+)/, '').replace(/\?.*$/, '')
  const verb = method ?? (isHead ? 'HEAD' : (data.length > 0 && !isGet) || fields.length > 0 ? 'POST' : 'GET')
  return `${verb} ${path === '' ? '/' : path}`
}
