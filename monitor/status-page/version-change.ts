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

/** One sentence. Where something is unknown, it is said to be. */
export function versionSentence(seen: SeenVersions): Html {
  const { failingVersion, passedVersion } = seen
  if (failingVersion === null && passedVersion === null) return html`The version of the service is unknown.`
  if (versionChange(seen) === 'same') return html`Same version ${versions(passedVersion)} before and after.`
  return html`First red on ${versions(failingVersion)}, last green on ${versions(passedVersion)}.`
}

function versions(seen: string | null): Html {
  if (seen === null) return html`an unknown version`
  const each = versionsIn(seen).map((version, index) => html`${index > 0 && ' and '}<b class="version">${version}</b>`)
  return html`${each}`
}

const versionsIn = (text: string) => text.split(', ')
