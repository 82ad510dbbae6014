/** Reads the options of a command of curl. */
import { ImportError } from './imported.ts'

export interface Curl {
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

/** The options and URLs of each operation of a command; `--next` begins another one. */
export function operationsIn([, ...words]: readonly string[]): string[][] {
  const operations: string[][] = [[]]
  for (const word of words) {
    if (word === '--next' || word === '-:') operations.push([])
    else operations.at(-1)?.push(word)
  }
  return operations
}

/** A request for each URL. Throws an `ImportError` if there is none. */
export function readCurl(words: readonly string[], place: string): Curl[] {
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
