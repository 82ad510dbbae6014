/** Pages that stand for another: the database cannot be read, or there is no such page. */
import { html } from '../../pages/html.ts'
import { layout, liveScript } from './layout.ts'
import type { Viewer } from './viewer.ts'

export function unavailablePage(viewer: Viewer): string {
  return layout(viewer, {
    title: 'Status unknown',
    icon: 'unknown',
    scripts: [liveScript],
    body: html`<main>
  <h1>The status is unknown</h1>
  <p>The monitor’s database cannot be read at present, so the state of the services is unknown.</p>
  <p><a href="">Reload</a></p>
</main>`,
  })
}

export function notFoundPage(viewer: Viewer): string {
  return layout(viewer, {
    title: 'Not found',
    body: html`<main>
  <h1>This page does not exist</h1>
  <p><a href="/">Status</a></p>
</main>`,
  })
}
