/** The public URL of the page of an incident. */

/** @param publicUrl Of the status page; it may have a path. */
export function incidentUrl(publicUrl: string, incident: number): string {
  return pageUrl(publicUrl, `incidents/${incident}`)
}

/** @param path Without a slash at its start. */
export function pageUrl(publicUrl: string, path: string): string {
  const base = new URL(publicUrl)
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return new URL(path, base).href
}
