/** Reads from the environment where the status page listens, and its public URL. */
import { isLoopback } from './access/own-host.ts'
import type { PublicByDefault } from './visibility.ts'

export interface PageSettings {
  host: string
  /** 0: any free port. */
  port: number
  /** Public URL, for links; undefined if not set. */
  publicUrl: string | undefined
  /** In lower case: the host, and others by which the page is requested beside that of the public URL. */
  allowedHosts: readonly string[]
  /** What visitors see if the configuration does not say: a page for other machines must be released explicitly. */
  publicByDefault: PublicByDefault
}

/**
 * Reads REPRISE_HOST (default 127.0.0.1), REPRISE_PORT (default 3100), REPRISE_URL and REPRISE_ALLOWED_HOSTS. Throws one
 * error with all faults.
 */
export function readPageSettings(env: NodeJS.ProcessEnv): PageSettings {
  // Shells and compose files pass an empty variable for "not set".
  const [host, port, url] = [env.REPRISE_HOST || '127.0.0.1', env.REPRISE_PORT || '3100', env.REPRISE_URL || undefined]
  const allowedHosts = (env.REPRISE_ALLOWED_HOSTS ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(name => name !== '')
  const faults = [
    ...(/^\d{1,5}$/.test(port) && Number(port) <= 65_535
      ? []
      : [`REPRISE_PORT is ${JSON.stringify(port)}: write a whole number from 0 (any free port) to 65535.`]),
    ...(url === undefined || isWebUrl(url)
      ? []
      : [
          'REPRISE_URL is not a URL that begins with https:// or http://: write one, such as https://status.example.com/.',
        ]),
    ...allowedHosts
      .filter(name => !/^[a-z\d_]([\w.-]*[a-z\d_])?$/.test(name))
      .map(
        name =>
          `REPRISE_ALLOWED_HOSTS has ${JSON.stringify(name)}: write names such as status.internal, without a port.`,
      ),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  // A proxy or the mapping of a container's port lets others reach a page that listens elsewhere.
  const isLocal = isLoopback(host) && (url === undefined || isLoopback(new URL(url).hostname))
  return {
    host,
    port: Number(port),
    publicUrl: url,
    allowedHosts: [host.toLowerCase(), ...allowedHosts],
    publicByDefault: isLocal ? 'all' : 'none',
  }
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
