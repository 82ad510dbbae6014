/** Completes the streams of a process that could not be started. */
import type { ChildProcess } from 'node:child_process'
import { Readable, Writable } from 'node:stream'

/**
 * Without file descriptors left (EMFILE, ENFILE), `spawn` returns a process without its pipes, and emits `error` later. Gives it
 * streams that are empty and drop what is written, so that the caller only has to handle that event.
 */
export function withStreams<C extends ChildProcess>(child: C): C {
  if (child.pid !== undefined) return child
  const { stdin, stdout, stderr } = child as Partial<ChildProcess>
  return Object.assign(child, {
    ...(stdin === undefined && { stdin: new Writable({ write: (_chunk, _encoding, done) => done() }) }),
    ...(stdout === undefined && { stdout: Readable.from([]) }),
    ...(stderr === undefined && { stderr: Readable.from([]) }),
  })
}
