/** Operation: a request that the API answers, from which both its route and its part of the OpenAPI document are made. */
import type { z } from 'zod'
import type { PageContext } from '../page-context.ts'
import type { Viewer } from '../viewer.ts'
import type { Visibility } from '../visibility.ts'
import type { Problem } from './problem.ts'

interface Described {
  method: 'get' | 'post'
  /** With `{name}` for a parameter, such as `/api/checks/{name}`. */
  path: string
  /** Unique in the document. */
  id: string
  summary: string
  description?: string
  /** Further statuses that `respond` returns a problem with, and when. */
  problems?: Readonly<Record<number, string>>
}

export interface Operation extends Described {
  /** The parameters in the path, and those after the `?`. Others are refused. */
  parameters: { path: z.ZodObject; query: z.ZodObject }
  body: z.ZodObject | undefined
  reply: NamedSchema
  /** Returns what `reply` encodes. */
  respond(asked: Asked<unknown, unknown, unknown>): Promise<unknown>
}

interface Asked<Path, Query, Body> {
  path: Path
  query: Query
  body: Body
  viewer: Viewer
  visibility: Visibility
}

/** What the OpenAPI document shows of an operation. */
export type OperationDescription = Omit<Operation, 'respond'>

/** A schema that is a component of the document. Fields that it does not have are left out of a response. */
export interface NamedSchema<Schema extends z.ZodType = z.ZodType> {
  name: string
  schema: Schema
}

interface Declaration<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodObject | undefined,
  Reply extends z.ZodType,
> extends Described {
  parameters: { path: Path; query: Query }
  body?: Body
  reply: NamedSchema<Reply>
  respond(
    asked: Asked<z.output<Path>, z.output<Query>, Body extends z.ZodObject ? z.output<Body> : undefined>,
  ): Promise<z.output<Reply> | Problem>
}

/** The operations of one part of the API. */
export type OperationsOf = (context: PageContext) => readonly Operation[]

/** Checks the types of an operation against each other. */
export function operation<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Reply extends z.ZodType,
  Body extends z.ZodObject | undefined = undefined,
>({ body, respond, ...described }: Declaration<Path, Query, Body, Reply>): Operation {
  // The route has validated what is asked by the same schemas.
  return { ...described, body, respond: asked => respond(asked as Parameters<typeof respond>[0]) }
}
