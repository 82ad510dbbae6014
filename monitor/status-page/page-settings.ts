/** Reads from the environment where the status page listens, and its public URL. */

export interface PageSettings {
  host: string
  /** 0: any free port. */
  port: number
  /** Public URL, for links; undefined if not set. */
  publicUrl: string | undefined
}

/**
 * Reads REPRISE_HOST (default 127.0.0.1), REPRISE_PORT (default 3100) and REPRISE_URL. Throws one error with all
 * faults.
 */
export function readPageSettings(env: NodeJS.ProcessEnv): PageSettings {
  // Shells and compose files pass an empty variable for "not set".
  const [host, port, url] = [env.REPRISE_HOST || '127.0.0.1', env.REPRISE_PORT || '3100', env.REPRISE_URL || undefined]
  const faults = [
    ...(/^\d{1,5}$/.test(port) && Number(port) <= 65_535
      ? []
      : [`REPRISE_PORT is ${JSON.stringify(port)}: write a whole number from 0 (any free port) to 65535.`]),
    ...(url === undefined || isWebUrl(url)
      ? []
      : [
          'REPRISE_URL is not a URL that begins with https:// or http://: write one, such as https://status.example.com/.',
        ]),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return { host, port: Number(port), publicUrl: url }
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
