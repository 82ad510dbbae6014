/** Prints what passes a sandbox, a line a message, for REPRISE_TRACE=protocol. */
import { readStartup, startupCode } from './protocol/frontend-messages.ts'
import { type MessageHead, MessageScanner } from './protocol/message-scanner.ts'
import { backendText, frontendText, startupText } from './protocol/message-text.ts'
import type { ServerLogin } from './server/login.ts'
import { longestPacket } from './startup/startup-phase.ts'
import type { ClientPort } from './transport/client-output.ts'
import type { ClientInputs } from './transport/client-socket.ts'

/** Takes a line, without its end. */
type Print = (line: string) => void

/** How many bytes of a message are looked at. More are never shown. */
const kept = 2048

/**
 * The trace that the environment asks for; undefined if it asks for none, so that nothing stands in the way of messages.
 * Throws an error that names the value and what is allowed.
 */
export function protocolTrace(
  { REPRISE_TRACE: value }: NodeJS.ProcessEnv = process.env,
  print: Print = line => void process.stderr.write(`${line}\n`),
): ProtocolTrace | undefined {
  if (value === undefined || value === '') return undefined
  if (value === 'protocol') return new ProtocolTrace(print)
  throw new Error(`REPRISE_TRACE is ${JSON.stringify(value)}; set it to "protocol", or unset it.`)
}

export class ProtocolTrace {
  readonly #print: Print

  constructor(print: Print) {
    this.#print = print
  }

  /** Traces a client from its first byte. */
  client(port: ClientPort): ClientTrace {
    return new ClientTrace(port, this.#print)
  }

  /** Traces a connection to a server once it is logged in; the server's process id stands for it. */
  readonly server = ({ stream, cancelAddress: { processId } }: ServerLogin): void => {
    const server = `server ${processId}`
    const [sent, received] = [new MessageScanner(kept), new MessageScanner(kept)]
    const printSent = (head: MessageHead) => this.#print(`sandbox -> ${server}: ${frontendText(head)}`)
    const printReceived = (head: MessageHead) => this.#print(`${server} -> sandbox: ${backendText(head)}`)
    stream.on('data', (chunk: Buffer) => received.read(chunk, printReceived))
    const { write, end } = stream
    stream.write = (chunk: Buffer, ...more: unknown[]) => {
      sent.read(chunk, printSent)
      return Reflect.apply(write, stream, [chunk, ...more])
    }
    stream.end = (chunk?: unknown, ...more: unknown[]) => {
      if (Buffer.isBuffer(chunk)) sent.read(chunk, printSent)
      return Reflect.apply(end, stream, [chunk, ...more])
    }
  }
}

/** What passes between one client and its session. */
class ClientTrace {
  /** Takes the place of the port. */
  readonly port: ClientPort
  readonly #print: Print
  readonly #received = new MessageScanner(kept)
  readonly #sent = new MessageScanner(kept)
  #name = ''
  /** What has come of a packet of the startup phase; undefined after that. */
  #startup: Buffer | undefined = Buffer.alloc(0)
  /** Requests for encryption, which are answered by a byte and not by a message. */
  #undecided = 0

  constructor(port: ClientPort, print: Print) {
    this.#print = print
    this.port = {
      send: bytes => {
        this.#traceSent(bytes)
        return port.send(bytes)
      },
      pause: () => port.pause(),
      resume: () => port.resume(),
      end: () => port.end(),
    }
  }

  /** Takes the place of the session. */
  inputs(session: ClientInputs & { readonly id: number }): ClientInputs {
    this.#name = `session ${session.id}`
    return {
      receive: chunk => {
        this.#traceReceived(chunk)
        session.receive(chunk)
      },
      drained: () => session.drained(),
      disconnected: () => session.disconnected(),
    }
  }

  #traceReceived(chunk: Buffer): void {
    const print = (text: string) => this.#print(`${this.#name} -> sandbox: ${text}`)
    const messages = this.#startup ? this.#traceStartup(Buffer.concat([this.#startup, chunk]), print) : chunk
    this.#received.read(messages, head => print(frontendText(head)))
  }

  /** Returns what comes after the startup phase. */
  #traceStartup(bytes: Buffer, print: Print): Buffer {
    const length = bytes.length < 8 ? 8 : bytes.readUInt32BE(0)
    if (length < 8 || length > longestPacket) {
      this.#startup = undefined
      print('(no startup packet)')
      return Buffer.alloc(0)
    }
    if (bytes.length < length) {
      this.#startup = Buffer.from(bytes)
      return Buffer.alloc(0)
    }
    const startup = readStartup(bytes.subarray(0, length))
    const rest = bytes.subarray(length)
    print(startupText(startup))
    if (startup.code !== startupCode.ssl && startup.code !== startupCode.gss) {
      this.#startup = undefined
      return rest
    }
    this.#undecided++
    return this.#traceStartup(rest, print)
  }

  #traceSent(bytes: Buffer): void {
    const print = (text: string) => this.#print(`sandbox -> ${this.#name}: ${text}`)
    const answers = bytes.subarray(0, this.#undecided)
    this.#undecided -= answers.length
    for (const byte of answers) print(String.fromCharCode(byte))
    this.#sent.read(bytes.subarray(answers.length), head => print(backendText(head)))
  }
}
