/** Prepares the URL of a request for a span: without credentials, as OpenTelemetry's conventions want it. */

/** Parameters of signed URLs. */
const signatures = ['AWSAccessKeyId', 'Signature', 'sig', 'X-Goog-Signature', 'X-Amz-Signature']

/** @param url With placeholders for secrets already, so that it may be none. */
export function shownUrl(url: string): { href: string; address?: string; port?: number } {
  if (!URL.canParse(url)) return { href: url }
  const parsed = new URL(url)
  const { hostname, protocol } = parsed
  const port = Number(parsed.port) || (protocol === 'https:' ? 443 : 80)
  return { href: redacted(parsed, url), address: hostname.replace(/^\[|\]$/g, ''), port }
}

function redacted(parsed: URL, url: string): string {
  const signed = signatures.filter(name => parsed.searchParams.has(name))
  // As it was, for the rest: writing it anew would encode placeholders.
  if (!parsed.username && !parsed.password && signed.length === 0) return url
  if (parsed.username) parsed.username = 'REDACTED'
  if (parsed.password) parsed.password = 'REDACTED'
  for (const name of signed) parsed.searchParams.set(name, 'REDACTED')
  return parsed.href
}
