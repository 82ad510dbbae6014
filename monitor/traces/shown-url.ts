/** Prepares the URL of a request for a span: without credentials, as OpenTelemetry's conventions want it. */

/** Parameters of signed URLs. */
const signatures = /([?&](?:AWSAccessKeyId|signature|sig|X-Goog-Signature|X-Amz-Signature)=)[^&#]*/gi

/** @param url With placeholders for secrets already, so that it may be none. */
export function shownUrl(url: string): { href: string; address?: string; port?: number } {
  if (!URL.canParse(url)) return { href: withoutSignatures(url.replace(/^(\w+:\/\/)[^/@]*@/, '$1REDACTED@')) }
  const parsed = new URL(url)
  const { hostname, protocol } = parsed
  const port = Number(parsed.port) || (protocol === 'https:' ? 443 : 80)
  return { href: redacted(parsed, url), address: hostname.replace(/^\[|\]$/g, ''), port }
}

function redacted(parsed: URL, url: string): string {
  // As it was, for the rest: writing it anew would encode placeholders.
  if (!parsed.username && !parsed.password) return withoutSignatures(url)
  if (parsed.username) parsed.username = 'REDACTED'
  if (parsed.password) parsed.password = 'REDACTED'
  return withoutSignatures(parsed.href)
}

const withoutSignatures = (url: string) => url.replace(signatures, '$1REDACTED')
