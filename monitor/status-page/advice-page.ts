/** Renders advice on the rules of a check, for operators. */
import { html } from '../../pages/html.ts'
import { adviceText, type CheckAdvice, realText, usualRealAfterMs } from './check-advice.ts'
import { layout } from './layout.ts'
import type { Viewer } from './viewer.ts'

export interface AdviceSpan {
  days: number
  most: number
}

export function adviceHtml(advice: CheckAdvice, { days, most }: AdviceSpan, viewer: Viewer): string {
  const { past, nothing, lines } = adviceText(advice)
  const path = `/checks/${encodeURIComponent(advice.name)}`
  return layout(viewer, {
    title: `Advice on ${advice.name}`,
    styles: ['/check-page.css'],
    body: html`<main class="check-page">
  <header>
    <p class="quiet"><a href="/">Status</a> / <a href="${path}">${advice.name}</a></p>
    <h1>Advice on ${advice.name}</h1>
    <p>${past}</p>
  </header>
  ${nothing !== undefined && html`<p class="card">${nothing}</p>`}
  ${lines.length > 0 && html`<ul class="cards">${lines.map(({ settings, text }) => html`<li class="card"><h2><code>${settings}</code></h2><p>${capitalized(text)}.</p></li>`)}</ul>`}
  <p class="quiet">${realText(usualRealAfterMs)}</p>
  <p class="quiet">From the last ${days} days, and at most ${most} slots. <code>npx reprise monitor advise</code> reads the whole history.</p>
</main>`,
  })
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
