/** Reads from the environment where reports are served, and their public URL. */

export interface ReportSettings {
  host: string
  /** 0: any free port. Undefined: 3101, or another one if that is in use. */
  port: number | undefined
  /** Undefined if it is not set. A `*` stands for a label of each report's own. */
  publicUrl: string | undefined
}

/**
 * Reads REPRISE_REPORTS_HOST (default 127.0.0.1), REPRISE_REPORTS_PORT and REPRISE_REPORTS_URL. Throws one error with all
 * faults.
 */
export function readReportSettings(env: NodeJS.ProcessEnv): ReportSettings {
  // Shells and compose files pass an empty variable for "not set".
  const host = env.REPRISE_REPORTS_HOST || '127.0.0.1'
  const port = env.REPRISE_REPORTS_PORT || undefined
  const url = env.REPRISE_REPORTS_URL || undefined
  const faults = [
    ...(port === undefined || (/^\d{1,5}$/.test(port) && Number(port) <= 65_535)
      ? []
      : [`REPRISE_REPORTS_PORT is ${JSON.stringify(port)}: write a whole number from 0 (any free port) to 65535.`]),
    ...(url === undefined || isOrigin(url)
      ? []
      : [
          'REPRISE_REPORTS_URL is not the URL of an origin: write one without a path, such as ' +
            'https://reports.example.com or https://*.reports.example.com.',
        ]),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return { host, port: port === undefined ? undefined : Number(port), publicUrl: url?.replace(/\/$/, '') }
}

function isOrigin(text: string): boolean {
  const plain = text.replace('://*.', '://label.').replace(/\/$/, '')
  return !plain.includes('*') && URL.canParse(plain) && /^https?:\/\//.test(plain) && new URL(plain).origin === plain
}
