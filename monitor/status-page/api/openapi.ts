/** Describes the API's operations as an OpenAPI 3.1 document, from the schemas that validate and encode them. */
import { z } from 'zod'
import type { NamedSchema, OperationDescription } from './operation.ts'
import { problemSchema } from './problem.ts'

type Json = Record<string, unknown>

/** @param components The schemas that replies refer to. */
export function openApiDocument(operations: readonly OperationDescription[], components: readonly NamedSchema[]): Json {
  const replies = operations.map(({ reply }) => reply)
  const problem = { name: 'Problem', schema: problemSchema }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reprise monitor',
      version: '1',
      description:
        'States, replays, incidents and leaks of a monitor. Fields are added without notice; those of a response that are missing are for operators only.',
    },
    servers: [{ url: '/' }],
    // Visitors send none, where something is public.
    security: [{}, { [operator]: [] }],
    paths: pathsOf(operations),
    components: {
      schemas: schemasOf([...components, ...replies, problem]),
      securitySchemes: {
        [operator]: { type: 'http', scheme: 'bearer', description: 'REPRISE_OPERATOR_TOKEN of the monitor.' },
      },
    },
  }
}

const operator = 'operator'

function pathsOf(operations: readonly OperationDescription[]): Json {
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationJson(operation) }
  }
  return paths
}

function operationJson({
  method,
  id,
  summary,
  description,
  parameters,
  body,
  reply,
  problems = {},
}: OperationDescription): Json {
  const listed = [...parametersJson('path', parameters.path), ...parametersJson('query', parameters.query)]
  const failures = {
    400: 'A value of the request is refused.',
    401: 'This is shown to operators only, or the token is not that of the operators.',
    403: 'This is not public, and there are no operators.',
    406: 'The request does not accept JSON.',
    421: 'The monitor does not answer to the host name of the request.',
    429: 'Too many wrong tokens were sent from this address.',
    ...problems,
    503: "The monitor's database cannot be read at present.",
  }
  return {
    operationId: id,
    summary,
    ...(method === 'post' && { security: [{ [operator]: [] }] }),
    ...(description !== undefined && { description }),
    ...(listed.length > 0 && { parameters: listed }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: inlineJson(body) } } } }),
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: referenceTo(reply.name) } } },
      ...Object.fromEntries(
        Object.entries(failures).map(([status, when]) => [
          status,
          { description: when, content: { 'application/problem+json': { schema: referenceTo('Problem') } } },
        ]),
      ),
    },
  }
}

/** As the values are after they were read from their texts. */
function parametersJson(place: 'path' | 'query', schema: z.ZodObject): Json[] {
  return Object.entries(schema.shape).map(([name, value]) => {
    const { description, ...json } = inlineJson(value, 'output')
    const required = !z.safeParse(value, undefined).success
    return { name, in: place, required, ...(description !== undefined && { description }), schema: json }
  })
}

const reference = (name: string) => `#/components/schemas/${name}`
const referenceTo = (name: string) => ({ $ref: reference(name) })

/** As they are encoded: times are texts. */
function schemasOf(named: readonly NamedSchema[]): Json {
  const registry = z.registry<{ id: string }>()
  for (const { name, schema } of named) registry.add(schema, { id: name })
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: reference })
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]))
}

function inlineJson(schema: z.core.$ZodType, io: 'input' | 'output' = 'input'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io })
  return json
}
