/** Finds the files in English, and the user's sentences for them, by Playwright's config. */
import { access } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { importModule } from '../monitor/config/import-module.ts'
import type { SentenceDefinition } from '../plain-english/compile/sentence-definition.ts'
import { defaultFiles, type PlainEnglishMetadata } from '../plain-english/playwright/project.ts'

export interface PlainEnglishSetup {
  /** The globs are relative to `folder`. */
  projects: PlainEnglishMetadata['plainEnglish'][]
  /** The user's sentences, in addition to the built-in ones. */
  userSentences: readonly SentenceDefinition[]
  /** The modules of these sentences, as absolute paths. */
  modules: readonly string[]
}

/**
 * Throws if the config, or a module of sentences, cannot be loaded.
 * @param edition A new one loads modules again that have changed.
 */
export async function plainEnglishSetup(folder: string, edition = ''): Promise<PlainEnglishSetup> {
  const file = path.join(folder, 'playwright.config.ts')
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  const config = exists ? await importDefault(file, folder, edition) : {}
  const metadata = [config, ...[Object(config).projects ?? []].flat()].flatMap(
    (project): PlainEnglishMetadata['plainEnglish'][] => Object(project).metadata?.plainEnglish ?? [],
  )
  const modules = new Set(
    metadata.flatMap(({ folder, sentences }) => (sentences === undefined ? [] : path.resolve(folder, sentences))),
  )
  const userSentences: SentenceDefinition[] = []
  for (const module of modules)
    userSentences.push(...((await importDefault(module, folder, edition)) as SentenceDefinition[]))
  return {
    projects: metadata.length > 0 ? metadata : [{ folder, files: defaultFiles }],
    userSentences,
    modules: [...modules],
  }
}

/** Returns absolute paths. @param asked The files and globs in the arguments; if empty, those in the config. */
export async function plainEnglishFiles(
  asked: readonly string[],
  folder: string,
  { projects }: PlainEnglishSetup,
): Promise<string[]> {
  const wanted = asked.length > 0 ? asked.map(files => ({ folder, files })) : projects
  const found: string[] = []
  for (const { folder, files } of wanted) {
    const file = path.resolve(folder, files)
    const isFile = await access(file).then(
      () => true,
      () => false,
    )
    const matches = isFile ? [file] : await glob(files, { cwd: folder, absolute: true, ignore: '**/node_modules/**' })
    if (matches.length === 0 && asked.length > 0) throw new Error(`There is no file ${files} in ${folder}.`)
    found.push(...matches.sort())
  }
  return [...new Set(found)]
}

async function importDefault(file: string, folder: string, edition: string): Promise<unknown> {
  try {
    const module = await importModule(file, edition, folder)
    return Object(module.default).default ?? module.default
  } catch (error) {
    throw new Error(`${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
