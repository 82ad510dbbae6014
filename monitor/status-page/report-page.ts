/** Renders the page of a report that cannot be opened at once, and says why. */
import { type Html, html } from '../../pages/html.ts'
import { layout } from './layout.ts'
import { time } from './parts.ts'
import type { OpenedReport } from './report-desk.ts'
import type { Viewer } from './viewer.ts'

export function reportPage(run: string, report: OpenedReport, viewer: Viewer): string {
  const { title, text, links = [], hasEvidence = false } = contentOf(report)
  const download = html`<a class="button quiet" href="/reports/${run}/evidence.zip" download>Download the evidence</a>`
  const all = [...links, ...(hasEvidence ? [download] : [])]
  return layout(viewer, {
    title,
    body: html`<main>
  <header>
    <h1>${title}</h1>
    <p>Run <code>${run}</code></p>
  </header>
  <section>
    ${text}
    ${all.length > 0 && html`<p class="fields">${all}</p>`}
  </section>
  ${hasEvidence && usage(run)}
</main>`,
  })
}

interface Content {
  title: string
  text: Html
  links?: Html[]
  /** It can be downloaded. */
  hasEvidence?: boolean
}

function contentOf(report: OpenedReport): Content {
  const again = html`<a class="button" href="">Try again</a>`
  switch (report.kind) {
    case 'ready':
      return {
        title: 'The report, without its traces',
        text: html`<p>Browsers show traces only over https, or on the machine of the monitor: set
    <code>REPRISE_REPORTS_URL</code> to a URL that begins with https://.${report.hasEvidence && ' Until then, the download has them.'}</p>`,
        links: [html`<a class="button" href="${report.url}" rel="noreferrer">Open the report</a>`],
        hasEvidence: report.hasEvidence,
      }
    case 'unreachable':
      return {
        title: 'The report cannot be opened from here',
        text: html`<p>Reports have an address of their own, which only the machine of the monitor reaches. Set
    <code>REPRISE_REPORTS_HOST</code> and <code>REPRISE_REPORTS_URL</code> to open them from elsewhere.</p>`,
        hasEvidence: report.hasEvidence,
      }
    case 'removed':
      return {
        title: 'The report was removed',
        text: html`<p>${report.at ? html`It was removed at ${time(report.at)}` : 'It was removed'}, since it was too old or there was too
    little room. <code>retention</code> in the configuration says how long reports are kept.</p>`,
      }
    case 'absent':
      return {
        title: 'There is no report of this run',
        text: html`<p>No test of it was started, its report could not be written, or
    ${report.place === 'folder' ? 'another instance of the monitor has it: each keeps the reports of its own runs.' : 'it has not been moved to the store of all instances yet.'}</p>`,
      }
    case 'failed':
      return {
        title: 'The report could not be made',
        text: html`<pre>${report.reason}</pre>`,
        links: [again],
        hasEvidence: true,
      }
    case 'busy':
      return {
        title: 'Other reports are being made',
        text: html`<p>Too many were opened at the same time. This one can be made in a few seconds.</p>`,
        links: [again],
        hasEvidence: true,
      }
  }
}

function usage(run: string): Html {
  return html`<section aria-labelledby="usage">
    <h2 id="usage">To open the download</h2>
    <pre>unzip ${run}.zip -d evidence
npx playwright merge-reports --reporter html evidence
npx playwright show-report</pre>
  </section>`
}
