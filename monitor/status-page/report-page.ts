/** Renders the page of a report that cannot be opened at once, and says why. */
import { type Html, html } from '../../pages/html.ts'
import { layout } from './layout.ts'
import { time } from './parts.ts'
import type { OpenedReport } from './report-desk.ts'
import type { Viewer } from './viewer.ts'

export function reportPage(run: string, report: OpenedReport, viewer: Viewer): string {
  const { title, text } = contentOf(run, report)
  return layout(viewer, {
    title,
    body: html`<main>
  <h1>${title}</h1>
  <p>Run <code>${run}</code></p>
  ${text}
  <p><a href="/">Status</a></p>
</main>`,
  })
}

function contentOf(run: string, report: OpenedReport): { title: string; text: Html } {
  switch (report.kind) {
    case 'ready':
      return {
        title: 'The report without its traces',
        text: html`<p><a href="${report.url}" rel="noreferrer">Open the report</a></p>
  <p>Browsers show traces only over https, or on this machine: set <code>REPRISE_REPORTS_URL</code> to a URL that begins
  with https://. To see them now, download the evidence.</p>
  ${download(run)}`,
      }
    case 'unreachable':
      return {
        title: 'The report cannot be opened from here',
        text: html`<p>Reports have an address of their own, which only the machine of the monitor reaches. Set
  <code>REPRISE_REPORTS_HOST</code> and <code>REPRISE_REPORTS_URL</code>, or download the evidence.</p>
  ${download(run)}`,
      }
    case 'removed':
      return {
        title: 'The report was removed',
        text: html`<p>${report.at ? html`It was removed ${time(report.at)}` : 'It was removed'}, as the settings of
  <code>retention</code> in the configuration say.</p>`,
      }
    case 'absent':
      return {
        title: 'There is no report of this run',
        text: html`<p>No test of it was started, or its report could not be written.
  ${report.place === 'folder' ? 'Or another instance of the monitor has it: each keeps the reports of its own runs.' : 'Or it has not been moved to the store yet.'}</p>`,
      }
    case 'failed':
      return {
        title: 'The report could not be made',
        text: html`<pre>${report.reason}</pre>
  <p><a href="">Try again</a>, or download the evidence.</p>
  ${download(run)}`,
      }
    case 'busy':
      return {
        title: 'Other reports are being made',
        text: html`<p>Too many were asked for at the same time. <a href="">Try again</a> in a few seconds.</p>`,
      }
  }
}

function download(run: string): Html {
  return html`<p><a href="/reports/${run}/evidence.zip" download>Download the evidence</a></p>
  <p>Unpacked in a folder, <code>npx playwright merge-reports --reporter html FOLDER</code> makes the report of it, and
  <code>npx playwright show-report</code> shows that.</p>`
}
