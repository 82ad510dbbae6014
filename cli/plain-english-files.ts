/** Finds the files in English, and the user's sentences for them, by Playwright's config. */
import { access } from 'node:fs/promises'
import path from 'node:path'
import { glob } from 'tinyglobby'
import { importModule } from '../monitor/config/import-module.ts'
import type { SentenceDefinition } from '../plain-english/compile/sentence-definition.ts'
import { Vocabulary } from '../plain-english/compile/vocabulary.ts'
import { defaultFiles, type PlainEnglishMetadata } from '../plain-english/playwright/project.ts'
import { builtInSentences } from '../plain-english/sentences/built-in.ts'
import { withReservedStdout } from './reserved-stdout.ts'

/** A project with files in English. The globs are relative to its folder. */
export type PlainEnglishProject = PlainEnglishMetadata['plainEnglish'] & {
  /** The module of the user's sentences, as an absolute path. */
  module: string | undefined
  /** In addition to the built-in ones. */
  userSentences: readonly SentenceDefinition[]
}

export interface PlainEnglishSetup {
  projects: readonly PlainEnglishProject[]
  /** The user's sentences of all projects, in addition to the built-in ones. */
  userSentences: readonly SentenceDefinition[]
  /** The modules of these sentences, as absolute paths. */
  modules: readonly string[]
}

/**
 * Throws if the config, or a module of sentences, cannot be loaded. What they print goes to stderr.
 * @param edition A new one loads modules again that have changed.
 */
export async function plainEnglishSetup(folder: string, edition = ''): Promise<PlainEnglishSetup> {
  return withReservedStdout(() => loadSetup(folder, edition))
}

async function loadSetup(folder: string, edition: string): Promise<PlainEnglishSetup> {
  const file = path.join(folder, 'playwright.config.ts')
  const config = (await exists(file)) ? await importDefault(file, folder, edition) : {}
  const metadata = [config, ...[Object(config).projects ?? []].flat()].flatMap(
    (project): PlainEnglishMetadata['plainEnglish'][] => Object(project).metadata?.plainEnglish ?? [],
  )
  const sentencesOf = new Map<string, readonly SentenceDefinition[]>()
  const projects: PlainEnglishProject[] = []
  for (const project of metadata) {
    const module = project.sentences === undefined ? undefined : path.resolve(project.folder, project.sentences)
    if (module !== undefined && !sentencesOf.has(module)) {
      sentencesOf.set(module, (await importDefault(module, folder, edition)) as SentenceDefinition[])
    }
    projects.push({ ...project, module, userSentences: (module !== undefined && sentencesOf.get(module)) || [] })
  }
  const none: PlainEnglishProject = { folder, files: defaultFiles, module: undefined, userSentences: [] }
  return {
    projects: projects.length > 0 ? projects : [none],
    userSentences: [...sentencesOf.values()].flat(),
    modules: [...sentencesOf.keys()],
  }
}

/** The first project that each file is in; of a file in none, the only project. */
export async function projectsOf(
  files: readonly string[],
  { projects }: PlainEnglishSetup,
): Promise<Map<string, PlainEnglishProject>> {
  const found = new Map<string, PlainEnglishProject>()
  const [only, ...others] = projects
  if (only && others.length === 0) return new Map(files.map(file => [file, only]))
  for (const project of projects) {
    const own = new Set(await matchesOf(project))
    for (const file of files) if (own.has(file) && !found.has(file)) found.set(file, project)
  }
  return found
}

/** The sentences of each file: the built-in ones, and those of its project; of a file in no project, those of all. */
export async function vocabulariesOf(
  files: readonly string[],
  setup: PlainEnglishSetup,
): Promise<(file: string) => Vocabulary> {
  const projects = await projectsOf(files, setup)
  const known = new Map<PlainEnglishProject | undefined, Vocabulary>()
  return file => {
    const project = projects.get(file)
    const own = known.get(project) ?? new Vocabulary([...builtInSentences, ...(project ?? setup).userSentences])
    known.set(project, own)
    return own
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
  for (const one of wanted) {
    const matches = await matchesOf(one)
    if (matches.length === 0 && asked.length > 0) {
      throw new Error(
        `There is no file ${one.files} in ${folder}: correct the path or the glob, which is relative to this folder.`,
      )
    }
    found.push(...matches)
  }
  return [...new Set(found)]
}

/** The absolute paths of the file of this name, or of those that match the glob. */
async function matchesOf({ folder, files }: { folder: string; files: string }): Promise<string[]> {
  const file = path.resolve(folder, files)
  if (await exists(file)) return [file]
  const matches = await glob(files, { cwd: folder, absolute: true, ignore: '**/node_modules/**' })
  // On Windows, glob() separates the names by slashes.
  return matches.map(match => path.normalize(match)).sort()
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
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
