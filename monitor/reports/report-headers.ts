/** Headers of a report's files: what its pages may load and do, and who may load them. */
import type { ReportFile } from './report-files.ts'

export interface ReportPlace {
  /** The URL of the report's folder, with a slash at its end. */
  base: string
  /** No other report has this origin. */
  isOwnOrigin: boolean
}

export function reportHeaders({ type, isForeign, scripts }: ReportFile, place: ReportPlace): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Security-Policy': isForeign ? foreignPolicy : ownPolicy(scripts, place),
    ...(isForeign && type === 'application/octet-stream' && { 'Content-Disposition': 'attachment' }),
    // The path is a secret, and the file may be one that is no longer to be seen tomorrow.
    'Cache-Control': 'private, no-cache',
    ...sharedHeaders,
  }
}

/** Of every response of this listener, also of those without a report. */
export const sharedHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'SAMEORIGIN',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'X-Robots-Tag': 'noindex',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/** Of a response without a report. */
export const emptyPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** What a spec has attached is shown, and runs nothing; the trace viewer reads it. */
const foreignPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox"

/**
 * Playwright's own pages load everything from their report's folder: the paths keep a script of one report from reading
 * another one, also where they share an origin. There they open no windows either, whose content they could read.
 */
function ownPolicy(scripts: readonly string[], { base, isOwnOrigin }: ReportPlace): string {
  const flags = ['allow-scripts', 'allow-same-origin', 'allow-downloads', ...(isOwnOrigin ? ['allow-popups'] : [])]
  return [
    "default-src 'none'",
    `script-src ${[base, ...scripts].join(' ')}`,
    `style-src ${base} 'unsafe-inline'`,
    `connect-src ${base} data: blob:`,
    `img-src ${base} data: blob:`,
    `media-src ${base} data: blob:`,
    `font-src ${base} data:`,
    `worker-src ${base} blob:`,
    // The trace viewer shows an empty page as data.
    `frame-src ${base} blob: data:`,
    `manifest-src ${base}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    `sandbox ${flags.join(' ')}`,
  ].join('; ')
}
