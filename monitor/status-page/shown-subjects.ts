/** The attribute of `<main>` that names what a page shows, so that `live.mjs` leaves it as it is when something else changes. */
import { type Html, html } from '../../pages/html.ts'

interface ShownSubjects {
  /** Names. */
  checks: readonly string[]
  /** Numbers. */
  incidents: readonly number[] | 'all'
}

/** Without this attribute, a page is replaced after each change. */
export function shownSubjects(shown: ShownSubjects): Html {
  return html` data-shows="${JSON.stringify(shown)}"`
}
