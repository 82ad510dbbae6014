/** Routes requests to the operations of the API: validates their parameters, and encodes their responses. */
import express, { type Request, type RequestHandler, Router } from 'express'
import { z } from 'zod'
import { type Viewer, viewerOf } from '../viewer.ts'
import { type Visibility, visibilityOf, visibleNames } from '../visibility.ts'
import type { Operation } from './operation.ts'
import { Problem, quoted, sendProblem } from './problem.ts'

/** Of a request's body, in bytes. */
const bodyLimit = 16_384

export function operationRouter(operations: readonly Operation[]): Router {
  const router = Router()
  for (const operation of operations) {
    const body = operation.body ? [express.json({ limit: bodyLimit })] : []
    router[operation.method](expressPath(operation.path), acceptsJson, ...body, async (request, response) => {
      const visibility = visibilityOf(response)
      const reply = await replyTo(operation, request, { viewer: viewerOf(response), visibility })
      if (reply instanceof Problem) sendProblem(response, reply)
      else response.json(visibleNames(z.encode(operation.reply.schema, reply), visibility))
    })
  }
  return router
}

async function replyTo(
  { parameters, body, respond }: Operation,
  request: Request,
  who: { viewer: Viewer; visibility: Visibility },
): Promise<unknown> {
  const asked = askedOf(parameters, request)
  if (asked instanceof Problem) return asked
  const sent = bodyOf(body, request)
  if (sent instanceof Problem) return sent
  return respond({ ...asked, body: sent, ...who })
}

/** `/api/checks/{name}` as Express writes it. */
const expressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1')

const acceptsJson: RequestHandler = (request, response, next) => {
  if (request.accepts(['application/json', 'application/problem+json'])) next()
  else {
    const asked = quoted(request.get('accept'))
    sendProblem(response, new Problem(406, `Accept is ${asked}; the API sends application/json.`))
  }
}

/** The parameters of a request by their schemas, or why they are refused. */
export function askedOf<Path extends z.ZodObject, Query extends z.ZodObject>(
  schemas: { path: Path; query: Query },
  { params, query }: Request,
): { path: z.output<Path>; query: z.output<Query> } | Problem {
  const path = schemas.path.safeParse(params)
  const asked = schemas.query.strict().safeParse(query)
  if (path.success && asked.success) return { path: path.data, query: asked.data as z.output<Query> }
  return new Problem(
    400,
    [
      ...faultsOf('path parameter', path.error, params, Object.keys(schemas.path.shape)),
      ...faultsOf('query parameter', asked.error, query, Object.keys(schemas.query.shape)),
    ].join(' '),
  )
}

function bodyOf(schema: z.ZodObject | undefined, { body }: Request): unknown {
  const sent = schema?.strict().safeParse(body ?? {})
  if (!sent?.error) return sent?.data
  return new Problem(400, faultsOf('field', sent.error, body, Object.keys(schema?.shape ?? {})).join(' '))
}

/** One sentence for each value that the schema refuses; the schema's message is the remedy. */
function faultsOf(kind: string, error: z.ZodError | undefined, values: unknown, known: readonly string[]): string[] {
  return (error?.issues ?? []).flatMap(issue => {
    if (issue.code === 'unrecognized_keys') {
      const remedy = known.length === 0 ? 'there is none here' : `known: ${known.join(', ')}`
      return issue.keys.map(name => `There is no ${kind} ${quoted(name)}; ${remedy}.`)
    }
    const [name] = issue.path
    if (name === undefined) return [`The body is not a JSON object; send ${known.join(', ')}.`]
    const value = z.record(z.string(), z.unknown()).safeParse(values).data?.[String(name)]
    return [`The ${kind} ${String(name)} is ${value === undefined ? 'missing' : quoted(value)}: ${issue.message}.`]
  })
}
