/** Words what the failures of a check have to do with the version of the service. */
import { type Html, html } from '../../pages/html.ts'

/** Separated by a comma and a space; null: unknown. */
export interface SeenVersions {
  failingVersion: string | null
  passedVersion: string | null
}

/** `changed`: the failures began with another version. `mixed`: several versions answered at the same time. */
export type VersionChange = 'changed' | 'mixed' | 'same' | 'unknown'

export function versionChange({ failingVersion, passedVersion }: SeenVersions): VersionChange {
  if (failingVersion === null || passedVersion === null) return 'unknown'
  if (failingVersion === passedVersion) return 'same'
  return versionsIn(failingVersion).some(version => versionsIn(passedVersion).includes(version)) ? 'mixed' : 'changed'
}

/** One sentence. Where something is unknown, it says so. */
export function versionSentence(seen: SeenVersions): Html {
  return html`${sentenceOf(seen).map(part => (typeof part === 'string' ? part : html`<b class="version">${part.version}</b>`))}`
}

export function versionText(seen: SeenVersions): string {
  return sentenceOf(seen)
    .map(part => (typeof part === 'string' ? part : part.version))
    .join('')
}

type Part = string | { version: string }

function sentenceOf(seen: SeenVersions): Part[] {
  const { failingVersion, passedVersion } = seen
  if (failingVersion === null && passedVersion === null) return ['The version of the service is unknown.']
  if (versionChange(seen) === 'same') return ['Same version ', ...partsOf(passedVersion), ' before and after.']
  return ['First red on ', ...partsOf(failingVersion), ', last green on ', ...partsOf(passedVersion), '.']
}

function partsOf(seen: string | null): Part[] {
  if (seen === null) return ['an unknown version']
  return versionsIn(seen).flatMap((version, index) => [...(index > 0 ? [' and '] : []), { version }])
}

const versionsIn = (text: string) => text.split(', ')
