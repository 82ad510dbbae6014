/** Lays out a page of the monitor: its head, the navigation, and the page's own content. */
import { type Html, html } from '../../pages/html.ts'
import { signIcon } from './sign.ts'
import type { CheckStatus } from './status.ts'
import type { Viewer } from './viewer.ts'

export interface PageContent {
  /** Without markup. */
  title: string
  /** The path in the navigation that the page belongs to; absent: none of them. */
  here?: string
  /** The state that the browser's tab shows. */
  icon?: CheckStatus['state']
  /** Paths of style sheets, in addition to the shared ones. */
  styles?: readonly string[]
  /** Paths of scripts (ES modules), such as `liveScript`. The page must be complete without them. */
  scripts?: readonly string[]
  /** Header, main and footer. What `liveScript` is to replace is in `<main>`. */
  body: Html
}

/** Replaces `<main>` by that of the same page fetched again, whenever the monitor reports a change. */
export const liveScript = '/live.mjs'

const navigation = [
  { path: '/', label: 'Status' },
  { path: '/incidents', label: 'Incidents' },
  { path: '/leaks', label: 'Leaks' },
]

/** Pages of operators, and where to sign in. */
function linksOf(viewer: Viewer) {
  if (viewer.kind === 'operator') {
    return [
      { path: '/alerts', label: 'Alerts' },
      { path: '/actions', label: 'Operators' },
      { path: '/sign-in', label: viewer.name },
    ]
  }
  return viewer.maySignIn ? [{ path: '/sign-in', label: 'Sign in' }] : []
}

export function layout(viewer: Viewer, { title, here, icon, styles = [], scripts = [], body }: PageContent): string {
  const pages = [...navigation, ...linksOf(viewer)]
  const links = pages.map(
    ({ path, label }) => html`<li><a href="${path}"${path === here && html` aria-current="page"`}>${label}</a></li>`,
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<link rel="alternate" type="application/atom+xml" title="Incidents" href="/incidents.atom">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon ? signIcon(icon) : 'data:,'}">
${['/colours.css', '/base.css', '/page.css', ...styles].map(path => html`<link rel="stylesheet" href="${path}">\n`)}${scripts.map(path => html`<script type="module" src="${path}"></script>\n`)}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Pages"><ul>${links}</ul></nav>
<div id="content" tabindex="-1"></div>
${body}
</body>
</html>
`.text
}
