/** Makes a document that needs neither scripts nor the network: an attachment of a report. */
import { readFileSync } from 'node:fs'
import { type Html, html, styles } from './html.ts'

const shared = ['colours.css', 'base.css', 'document.css'].map(name =>
  readFileSync(new URL(name, import.meta.url), 'utf8'),
)

/** @param css Its own style sheet, in addition to the shared ones. */
export function documentPage(title: string, css: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${styles([...shared, css])}</style>
</head>
<body>
${body}
</body>
</html>
`.text
}
