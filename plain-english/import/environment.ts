/** Reads the environments of other tools: values for the variables of a Postman collection or a `.http` file. */
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { inFormat } from './formats.ts'
import { ImportError } from './imported.ts'

export interface ImportedEnvironment {
  /** By name; later ones count. */
  constants: readonly (readonly [name: string, value: string])[]
  /** The names of variables whose values must not be shown. */
  secrets: ReadonlySet<string>
}

export interface EnvironmentFile {
  /** Its name, for messages; `private` in it makes all of its values secrets. */
  file: string
  content: string
}

const postmanFormat = z.looseObject({
  values: z.array(
    z.looseObject({
      key: z.string().nullish(),
      value: z.unknown(),
      type: z.string().nullish(),
      enabled: z.boolean().nullish(),
    }),
  ),
})
/** Environments by name; a value can be an object with the variables of a session, which are none here. */
const httpClientFormat = z.record(z.string(), z.record(z.string(), z.unknown()))

/**
 * @param name Of the environment to read, in a file with several: those of `http-client.env.json`.
 * Throws an `ImportError` for another format, and for a name that no file has.
 */
export function readEnvironments(files: readonly EnvironmentFile[], name?: string): ImportedEnvironment {
  const read = files.map(file => readEnvironment(file, name))
  if (name !== undefined && !read.some(({ isNamed }) => isNamed)) {
    const names = [...new Set(read.flatMap(({ names }) => names))]
    const known = names.length > 0 ? `the files have ${names.join(', ')}` : 'the files have one environment each'
    throw new ImportError(`There is no environment ${JSON.stringify(name)}: ${known}.`)
  }
  return {
    constants: read.flatMap(({ constants }) => constants),
    secrets: new Set(read.flatMap(({ secrets }) => [...secrets])),
  }
}

interface Read extends ImportedEnvironment {
  /** The names of the environments in a file that can have several. */
  names: string[]
  /** Whether the file has the environment that is asked for. */
  isNamed: boolean
}

function readEnvironment({ file, content }: EnvironmentFile, name: string | undefined): Read {
  const text = content.replace(/^\uFEFF/, '')
  if (!text.trimStart().startsWith('{')) return ofDotenv(file, text)
  const document = jsonOf(file, text)
  if (Array.isArray(Object(document).values)) {
    const { values }: z.infer<typeof postmanFormat> = inFormat(postmanFormat, document, file)
    const enabled = values.filter(({ enabled, key }) => enabled !== false && key)
    return {
      constants: enabled.flatMap(({ key, value }) => constantOf(key ?? '', value)),
      secrets: new Set(enabled.flatMap(({ key, type }) => (type === 'secret' && key ? [key] : []))),
      names: [],
      isNamed: false,
    }
  }
  // Its value is not shown, since it can be a secret.
  const [loose] = Object.entries(Object(document)).find(([, value]) => Object(value) !== value) ?? []
  if (loose !== undefined) {
    throw new ImportError(`${file}: ${loose} is in no environment: write values in one, {"dev": {"${loose}": ...}}.`)
  }
  return ofHttpClient(file, inFormat(httpClientFormat, document, file), name)
}

function ofHttpClient(file: string, environments: z.infer<typeof httpClientFormat>, name: string | undefined): Read {
  const { $shared: shared = {}, ...named } = environments
  const names = Object.keys(named)
  const [only, ...others] = names
  if (name === undefined && others.length > 0) {
    throw new ImportError(`${file} has the environments ${names.join(', ')}: choose one by --environment-name.`)
  }
  const chosen = { ...shared, ...(named[name ?? only ?? ''] ?? {}) }
  return {
    constants: Object.entries(chosen).flatMap(([key, value]) => constantOf(key, value)),
    secrets: new Set(isPrivate(file) ? Object.keys(chosen) : []),
    names,
    isNamed: name !== undefined && Object.hasOwn(named, name),
  }
}

/** Lines such as `HOST=https://api.example.com`, as httpyac has them in `dev.env`. */
function ofDotenv(file: string, text: string): Read {
  const values = parseEnv(text)
  const names = Object.keys(values)
  if (names.length === 0) {
    throw new ImportError(
      `${file} is no environment: give one that Postman has exported, http-client.env.json, or a file with lines NAME=VALUE.`,
    )
  }
  return {
    constants: Object.entries(values).flatMap(([key, value]) => constantOf(key, value)),
    secrets: new Set(isPrivate(file) ? names : []),
    names: [],
    isNamed: false,
  }
}

/** An empty value is a place for one that is not exported. */
function constantOf(name: string, value: unknown): [string, string][] {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isText && value !== '' ? [[name, String(value)]] : []
}

function isPrivate(file: string): boolean {
  return /private/i.test(file.replace(/^.*[/\\]/, ''))
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Node quotes what is around the fault, which can be a secret.
    const reason = String(Object(error).message).replace(/, (?:\.{3})?"[\s\S]*"(?:\.{3})? is not valid JSON$/, '')
    throw new ImportError(`${file} is no JSON: ${reason}. Correct it, or export it again.`)
  }
}
