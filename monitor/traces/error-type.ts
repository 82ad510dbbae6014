/** Classifies the error of a request, as `error.type` of OpenTelemetry's conventions: few different values. */

/** Undefined without an error. */
export function errorTypeOf(status: number | undefined, error: string | undefined): string | undefined {
  if (status !== undefined && status >= 400) return String(status)
  if (status !== undefined || error === undefined) return undefined
  const code = /\b(?:E[A-Z]{2}[A-Z_]+|ERR_[A-Z_]+|UND_ERR_[A-Z_]+)\b/.exec(error)?.[0]
  return code ?? (/timed? ?out/i.test(error) ? 'timeout' : '_OTHER')
}
