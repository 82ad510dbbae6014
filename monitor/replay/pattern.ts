/** The regular expression that selects a check's tests: over `selectionTitle`, and over what Playwright greps. */
import path from 'node:path'
import type { Replay } from '../../environment/environment.ts'
import type { Check } from '../config/configuration.ts'
import { needsWrittenSpec, writtenSuffix } from './written-spec.ts'

/** @param files Absolute; undefined: any. */
export function patternOf(
  { tags, title }: Pick<Check, 'tags' | 'title'>,
  folder: string,
  files: readonly string[] | undefined,
): Replay['pattern'] {
  // Playwright puts the project's name before the file; titles and tags come after it.
  const paths = files?.map(name => pathPattern(name, folder))
  const file = paths ? `(?:^| )(?:${paths.join('|') || '(?!)'}) ` : anyFile
  const tagged = tags.map(tag => String.raw`(?=(?:[^]*\s)?${literal(tag)}(?:\s|$))`)
  const titled = title === undefined ? '' : `(?=[^]*?(?:${typeof title === 'string' ? literal(title) : title.source}))`
  const flags = title instanceof RegExp ? title.flags.replace(/[gyd]/g, '') : ''
  return { source: `${file}${tagged.join('')}${titled}`, flags }
}

/** Tests of a written spec stand at its file, but Playwright greps the name of the spec. */
function pathPattern(file: string, folder: string): string {
  const name = literal(relative(file, folder))
  return needsWrittenSpec(file) ? `(?:\\S*/)?${name}(?:${writtenSuffix})?` : name
}

const anyFile = String.raw`(?:^|[^]*?)\.(?:[cm]?[jt]sx?|txt) `

function relative(file: string, folder: string): string {
  return path.relative(folder, file).split(path.sep).join('/')
}

/** Of a regular expression that matches this text and nothing else. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, character => `\\${character}`)
}
