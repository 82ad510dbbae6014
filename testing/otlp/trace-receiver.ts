/** Receives traces by OTLP over HTTP, and decodes them with the protocol's own definitions. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

export interface ReceivedSpan {
  traceId: string
  spanId: string
  /** Empty for a root. */
  parentSpanId: string
  name: string
  /** 1 internal, 3 client. */
  kind: number
  startMs: number
  endMs: number
  attributes: Record<string, unknown>
  /** 2 is an error. */
  status: { code: number; message: string }
  links: { traceId: string; spanId: string }[]
  /** Of its resource. */
  resource: Record<string, unknown>
}

export interface TraceReceiver {
  readonly url: string
  readonly spans: ReceivedSpan[]
  /** All that was received. */
  bytes(): Buffer
  readonly requests: { path: string; headers: IncomingHttpHeaders }[]
  /** Resolves when so many spans have been received. */
  until(count: number): Promise<void>
  close(): void
}

/** @param answer Instead of 200. */
export async function startTraceReceiver(answer?: (response: ServerResponse) => void): Promise<TraceReceiver> {
  const type = await requestType()
  const bodies: Buffer[] = []
  const spans: ReceivedSpan[] = []
  const requests: TraceReceiver['requests'] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers })
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    const content = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    bodies.push(content)
    if (answer) answer(response)
    else {
      spans.push(...decoded(type, content))
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    }
    for (const look of waiting) look()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    bytes: () => Buffer.concat(bodies),
    until: count =>
      new Promise(resolve => {
        const look = () => {
          if (spans.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function requestType(): Promise<protobuf.Type> {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => path.join(import.meta.dirname, target)
  await root.load('opentelemetry/proto/collector/trace/v1/trace_service.proto')
  return root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest')
}

interface Value {
  stringValue?: string
  intValue?: string
  doubleValue?: number
  boolValue?: boolean
}

interface Decoded {
  resourceSpans: {
    resource: { attributes: { key: string; value: Value }[] }
    scopeSpans: { spans: DecodedSpan[] }[]
  }[]
}

interface DecodedSpan {
  traceId: Buffer
  spanId: Buffer
  parentSpanId: Buffer
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: Value }[]
  status: { code: number; message: string } | null
  links: { traceId: Buffer; spanId: Buffer }[]
}

/** Throws for what the definitions do not allow. */
function decoded(type: protobuf.Type, body: Buffer): ReceivedSpan[] {
  const message = type.decode(body)
  const { resourceSpans } = type.toObject(message, { longs: String, defaults: true, bytes: Buffer }) as Decoded
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ startTimeUnixNano, endTimeUnixNano, ...span }) => ({
        ...{ name: span.name, kind: span.kind },
        ...{ traceId: hex(span.traceId), spanId: hex(span.spanId), parentSpanId: hex(span.parentSpanId) },
        startMs: msOf(startTimeUnixNano),
        endMs: msOf(endTimeUnixNano),
        attributes: valuesOf(span.attributes),
        status: span.status ?? { code: 0, message: '' },
        links: span.links.map(({ traceId, spanId }) => ({ traceId: hex(traceId), spanId: hex(spanId) })),
        resource: valuesOf(resource.attributes),
      })),
  )
}

/** To the microsecond: a number has no room for nanoseconds since 1970. */
const msOf = (nanoseconds: string) => Number(BigInt(nanoseconds) / 1000n) / 1000

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function valuesOf(attributes: readonly { key: string; value: Value }[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => {
      return [key, stringValue || (intValue && Number(intValue)) || doubleValue || boolValue]
    }),
  )
}
