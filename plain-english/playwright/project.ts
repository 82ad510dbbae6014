/** Makes a project of Playwright's config whose specs are files in English. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { globSync } from 'tinyglobby'
import { makePrivateFolder } from '../../environment/reprise-folder.ts'

export interface PlainEnglishOptions {
  /** The folder that paths are relative to: `import.meta.dirname`. */
  folder: string
  /** A glob; default `e2e/plain-english/*.txt`. */
  files?: string
  /** The module that exports `test`, with the app under test; default: Reprise's own. */
  test?: string
  /** A module whose default export is a list of further sentences, made by `defineSentence`. */
  sentences?: string
  /** Origins of production: requests to them are sent to the app under test. */
  origins?: readonly string[]
  /** Other origins that requests may be sent to. */
  allow?: readonly string[]
}

/** The `metadata` of a project, for the command `reprise plain-english`. */
export interface PlainEnglishMetadata {
  plainEnglish: Omit<PlainEnglishOptions, 'files'> & { files: string }
}

export const defaultFiles = 'e2e/plain-english/*.txt'

/**
 * Playwright loads only JavaScript, and follows source maps. So this writes a spec of a few lines into `.reprise/plain-english`
 * for each file in English, with a source map to that file. Spread the result into a project.
 */
export function plainEnglish(options: PlainEnglishOptions) {
  const { folder, files = defaultFiles, test, sentences, origins, allow } = options
  const testDir = path.join(folder, '.reprise/plain-english')
  // A worker loads the config too; by then the specs are written.
  if (process.env.TEST_WORKER_INDEX === undefined) writeSpecs(testDir, options)
  const metadata: PlainEnglishMetadata = {
    plainEnglish: {
      folder,
      files,
      ...(test !== undefined && { test }),
      ...(sentences !== undefined && { sentences }),
      ...(origins !== undefined && { origins }),
      ...(allow !== undefined && { allow }),
    },
  }
  // Beside the files in English, not beside the specs, which are no sources.
  const snapshotPathTemplate = path.join(folder, '{testFileDir}/{arg}{-projectName}{-snapshotSuffix}{ext}')
  return { testDir, testMatch: `${files}${suffix}`, metadata, snapshotPathTemplate }
}

const suffix = '.spec.js'

function writeSpecs(testDir: string, options: PlainEnglishOptions): void {
  const { folder, files = defaultFiles } = options
  const found = globSync(files, { cwd: folder, ignore: '**/node_modules/**' })
  for (const file of found) {
    const spec = path.join(testDir, `${file}${suffix}`)
    const text = specOf(path.join(folder, file), spec, options)
    if (contentOf(spec) === text) continue
    makePrivateFolder(path.dirname(spec))
    writeFileSync(spec, text, { mode: 0o600 })
  }
  const left = globSync(`${files}${suffix}`, { cwd: testDir }).filter(
    spec => !found.includes(spec.slice(0, -suffix.length)),
  )
  for (const spec of left) rmSync(path.join(testDir, spec), { force: true })
}

function specOf(
  file: string,
  spec: string,
  { folder, test, sentences, origins = [], allow = [] }: PlainEnglishOptions,
): string {
  // Relative: the spec is an ES module or CommonJS, like the project, and only relative specifiers work in both.
  const specifier = (...module: string[]) =>
    JSON.stringify(
      path
        .relative(path.dirname(spec), path.resolve(...module))
        .split(path.sep)
        .join('/'),
    )
  const own = (module: string) => specifier(import.meta.dirname, `${module}${path.extname(import.meta.filename)}`)
  const map = { version: 3, sources: [path.relative(path.dirname(spec), file)], names: [], mappings: '' }
  return `import { registerFile } from ${own('register')}
import { test } from ${test === undefined ? own('../../fixtures/index') : specifier(folder, test)}
${sentences === undefined ? 'const sentences = []' : `import sentences from ${specifier(folder, sentences)}`}
registerFile(test, { ...${JSON.stringify({ file, origins, allow })}, sentences })
//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}
`
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
