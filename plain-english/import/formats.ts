/** The shapes of the documents that are imported, as far as the importers read them. */
import { z } from 'zod'
import { ImportError } from './imported.ts'

/** What can be left out may also be null. */
const optional = <Type extends z.ZodType>(type: Type) => type.nullish()
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const pair = z.looseObject({ key: optional(text), value: optional(text), disabled: optional(z.boolean()) })
const pairs = z.array(pair)

const auth = z.looseObject({ type: optional(z.string()) })
const exec = z.union([z.string(), z.array(z.string())])
const event = z.looseObject({
  listen: optional(z.string()),
  disabled: optional(z.boolean()),
  script: optional(z.looseObject({ exec: optional(exec) })),
})
/** Postman takes one as well as a list. */
const events = z.union([z.array(event), event.transform(one => [one])])
const variable = z.looseObject({ key: optional(text), id: optional(text), value: optional(z.unknown()) })
const segment = z.union([z.string(), z.looseObject({ value: optional(z.string()) })])
const url = z.looseObject({
  raw: optional(z.string()),
  protocol: optional(z.string()),
  host: optional(z.union([z.string(), z.array(z.string())])),
  port: optional(text),
  path: optional(z.union([z.string(), z.array(segment)])),
  query: optional(pairs),
  variable: optional(z.array(variable)),
})
const source = z.union([z.string(), z.array(z.string())])
const body = z.looseObject({
  mode: optional(z.string()),
  disabled: optional(z.boolean()),
  raw: optional(z.string()),
  urlencoded: optional(pairs),
  formdata: optional(
    z.array(pair.extend({ type: optional(z.string()), src: optional(source), contentType: optional(z.string()) })),
  ),
  file: optional(z.looseObject({ src: optional(z.string()) })),
  graphql: optional(
    z.looseObject({
      query: optional(z.string()),
      variables: optional(z.string()),
      operationName: optional(z.string()),
    }),
  ),
})
const request = z.union([
  z.string(),
  z.looseObject({
    method: optional(z.string()),
    url: optional(z.union([z.string(), url])),
    header: optional(z.union([z.string(), pairs])),
    body: optional(body),
    auth: optional(auth),
  }),
])
const behavior = z.looseObject({ followRedirects: optional(z.boolean()), disableBodyPruning: optional(z.boolean()) })
const item = z.looseObject({
  name: optional(text),
  get item() {
    return optional(z.array(item))
  },
  request: optional(request),
  event: optional(events),
  auth: optional(auth),
  protocolProfileBehavior: optional(behavior),
})

export const postmanFormat = z.looseObject({
  info: optional(z.looseObject({ name: optional(text) })),
  item: z.array(item),
  variable: optional(z.array(variable)),
  auth: optional(auth),
  event: optional(events),
  protocolProfileBehavior: optional(behavior),
})

const header = z.looseObject({ name: z.string(), value: z.string() })

export const harFormat = z.looseObject({
  log: z.looseObject({
    pages: optional(z.array(z.looseObject({ title: optional(z.string()) }))),
    entries: z.array(
      z.looseObject({
        request: z.looseObject({
          method: z.string(),
          url: z.url(),
          headers: z.array(header),
          postData: optional(
            z.looseObject({
              mimeType: optional(z.string()),
              text: optional(z.string()),
              params: optional(
                z.array(
                  z.looseObject({
                    name: z.string(),
                    value: optional(z.string()),
                    fileName: optional(z.string()),
                    contentType: optional(z.string()),
                  }),
                ),
              ),
            }),
          ),
        }),
        response: z.looseObject({
          status: z.number(),
          content: optional(z.looseObject({ mimeType: optional(z.string()) })),
        }),
      }),
    ),
  }),
})

const schema = z.union([
  z.boolean(),
  z.looseObject({
    $ref: optional(z.string()),
    type: optional(z.union([z.string(), z.array(z.string())])),
    get properties() {
      return optional(z.record(z.string(), schema))
    },
    required: optional(z.union([z.boolean(), z.array(z.string())])),
    get items() {
      return optional(schema)
    },
    get allOf() {
      return optional(z.array(schema))
    },
    get oneOf() {
      return optional(z.array(schema))
    },
    get anyOf() {
      return optional(z.array(schema))
    },
    enum: optional(z.array(z.unknown())),
    examples: optional(z.unknown()),
    format: optional(z.string()),
    minLength: optional(z.number()),
    maxLength: optional(z.number()),
    exclusiveMinimum: optional(z.union([z.number(), z.boolean()])),
  }),
])
const content = z.record(
  z.string(),
  z.looseObject({ schema: optional(schema), examples: optional(z.record(z.string(), z.looseObject({}))) }),
)
const named = z.record(z.string(), z.looseObject({}))
const parameters = z.array(
  z.looseObject({
    name: optional(z.string()),
    in: optional(z.string()),
    required: optional(z.boolean()),
    schema: optional(schema),
    examples: optional(named),
    style: optional(z.string()),
    explode: optional(z.boolean()),
  }),
)
const security = z.array(z.record(z.string(), z.array(z.string())))
const operation = z.looseObject({
  operationId: optional(text),
  summary: optional(text),
  tags: optional(z.array(text)),
  parameters: optional(parameters),
  requestBody: optional(z.looseObject({ content: optional(content) })),
  responses: optional(z.record(z.string(), z.looseObject({ content: optional(content) }))),
  security: optional(security),
})

export const openApiFormat = z.looseObject({
  openapi: z.string(),
  info: optional(z.looseObject({ title: optional(text) })),
  servers: optional(z.array(z.looseObject({ url: optional(z.string()) }))),
  security: optional(security),
  paths: optional(
    z.record(
      z.string(),
      z.looseObject({
        parameters: optional(parameters),
        get: optional(operation),
        head: optional(operation),
        options: optional(operation),
        post: optional(operation),
        put: optional(operation),
        patch: optional(operation),
        delete: optional(operation),
        trace: optional(operation),
      }),
    ),
  ),
  components: optional(
    z.looseObject({
      schemas: optional(z.record(z.string(), schema)),
      securitySchemes: optional(
        z.record(z.string(), z.looseObject({ type: optional(z.string()), scheme: optional(z.string()) })),
      ),
    }),
  ),
})

/** The document in its shape. Throws an `ImportError` with the path of the first value of another one. */
export function inFormat<Shape>(format: z.ZodType, document: unknown, file: string): Shape {
  const { data, error } = format.safeParse(document)
  const [issue] = error?.issues ?? []
  if (!issue) return data as Shape
  const path = issue.path.map(name => (typeof name === 'number' ? `[${name}]` : `.${String(name)}`)).join('')
  const value = issue.path.reduce<unknown>((at, name) => Object(at)[name], document)
  const shown = JSON.stringify(value) ?? 'missing'
  throw new ImportError(
    `${file}: ${path.replace(/^\./, '')} is ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}, which the format does not allow: ${issue.message}.`,
  )
}

/** The document without members that are null, which many tools write for what is not there. */
export function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === null && name !== 'auth' && name !== 'example' && name !== 'value' ? [] : [[name, withoutNull(member)]],
    ),
  )
}
