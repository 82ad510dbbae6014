/** Problem documents (RFC 9457): why a request to the API has failed, and the remedy. */
import { STATUS_CODES } from 'node:http'
import type { Response } from 'express'
import { z } from 'zod'

export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Always `about:blank`: the status says what kind of problem it is.' }),
    title: z.string().meta({ description: 'The phrase of the status.' }),
    status: z.int(),
    detail: z.string().meta({ description: 'The value, what is wrong with it, and the remedy.' }),
  })
  .meta({ description: 'Why a request has failed (RFC 9457).' })

export class Problem {
  readonly status: number
  readonly detail: string

  constructor(status: number, detail: string) {
    this.status = status
    this.detail = detail
  }
}

export function sendProblem(response: Response, { status, detail }: Problem): void {
  const document: z.infer<typeof problemSchema> = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Unknown',
    status,
    detail,
  }
  // As bytes, since Express would add a charset, which JSON does not have.
  response
    .status(status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(document)))
}

/** A value of a request in a problem: quoted, and shortened if it is long. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
