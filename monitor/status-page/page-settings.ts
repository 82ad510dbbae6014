/** Where the status page listens and how others reach it, read from the environment. */

export interface PageSettings {
  host: string
  /** 0: any that is free. */
  port: number
  /** Its public address, for links; undefined: nobody has said. */
  publicUrl: string | undefined
}

/** Reads REPRISE_HOST (default 127.0.0.1), REPRISE_PORT (default 3100) and REPRISE_URL. Throws one error that names every fault. */
export function readPageSettings(env: NodeJS.ProcessEnv): PageSettings {
  // An empty variable is how shells and compose files spell "not set".
  const [host, port, url] = [env.REPRISE_HOST || '127.0.0.1', env.REPRISE_PORT || '3100', env.REPRISE_URL || undefined]
  const faults = [
    ...(/^\d{1,5}$/.test(port) && Number(port) <= 65_535
      ? []
      : [`REPRISE_PORT is ${JSON.stringify(port)}: write a whole number from 0 (any free port) to 65535.`]),
    ...(url === undefined || isWebUrl(url)
      ? []
      : [
          'REPRISE_URL is no URL that begins with https:// or http://: write one, such as https://status.example.com/.',
        ]),
  ]
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return { host, port: Number(port), publicUrl: url }
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
