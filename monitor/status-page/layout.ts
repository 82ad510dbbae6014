/** Lays out a page of the monitor: its head, the navigation, and the page's own content. */
import { type Html, html } from '../../pages/html.ts'
import type { Viewer } from './viewer.ts'

export interface PageContent {
  /** Without markup. */
  title: string
  /** The path in the navigation that the page belongs to; absent: none of them. */
  here?: string
  /** Paths of scripts (ES modules). The page must be complete without them. */
  scripts?: readonly string[]
  /** Header, main and footer. */
  body: Html
}

const navigation = [{ path: '/', label: 'Status' }]

export function layout(_viewer: Viewer, { title, here, scripts = [], body }: PageContent): string {
  const links = navigation.map(
    ({ path, label }) => html`<li><a href="${path}"${path === here && html` aria-current="page"`}>${label}</a></li>`,
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/colours.css">
<link rel="stylesheet" href="/page.css">
${scripts.map(path => html`<script type="module" src="${path}"></script>`)}
</head>
<body>
${navigation.length > 1 && html`<nav aria-label="Pages"><ul>${links}</ul></nav>`}
${body}
</body>
</html>
`.text
}
