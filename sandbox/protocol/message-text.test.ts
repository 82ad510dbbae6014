import { expect, test } from '../../testing/test.ts'
import { Backend, errorResponse, frame, parameterStatus, readyForQuery } from './backend-messages.ts'
import { describeText, textRow } from './data-rows.ts'
import { bindAndExecute, closePortal, Frontend, parse, query, readStartup, sync } from './frontend-messages.ts'
import { type MessageHead, MessageScanner } from './message-scanner.ts'
import { backendText, frontendText, startupText } from './message-text.ts'

/** The lines for some messages, of which the first `kept` bytes each were kept. */
function lines(text: (head: MessageHead) => string, bytes: Buffer, kept = 2048): string[] {
  const seen: string[] = []
  new MessageScanner(kept).read(bytes, head => seen.push(text(head)))
  return seen
}

const bind = frame(
  Frontend.Bind,
  Buffer.from('p\0s\0\0\x01\0\x01\0\x03\0\0\0\x02hi\xff\xff\xff\xff\0\0\0\x02\xff\0\0\0', 'latin1'),
)

test('messages of a client', () => {
  expect(lines(frontendText, Buffer.concat([parse('s', 'select $1'), bind, closePortal('p'), sync]))).toEqual([
    'Parse s select $1',
    'Bind p s [hi] null [2 bytes]',
    'Close portal p',
    'Sync',
  ])
  expect(lines(frontendText, Buffer.concat([query('select 1'), bindAndExecute('')]))).toEqual([
    'Query select 1',
    'Bind',
    'Execute',
  ])
})

test('messages of a server', () => {
  const error = errorResponse({ severity: 'ERROR', code: '42601', message: 'syntax error', hint: 'No hint.' })
  const messages = [describeText('a'), textRow('1'), error, readyForQuery('E'), parameterStatus('TimeZone', 'UTC')]
  expect(lines(backendText, Buffer.concat(messages))).toEqual([
    'RowDescription a',
    'DataRow [1]',
    'ErrorResponse ERROR 42601 syntax error',
    'ReadyForQuery E',
    'ParameterStatus TimeZone UTC',
  ])
})

test('no secret is shown', () => {
  expect(lines(frontendText, frame(Frontend.Password, 'hunter2\0'))).toEqual(['PasswordMessage (not shown)'])
  const key = frame(Backend.BackendKeyData, Buffer.from([0, 0, 0, 7, 1, 2, 3, 4]))
  expect(lines(backendText, key)).toEqual(['BackendKeyData 7'])
  const cancel = Buffer.from('0000001004d2162e0000000701020304', 'hex')
  expect(startupText(readStartup(cancel))).toBe('CancelRequest')
})

test('a text is one line, and cannot control a terminal', () => {
  expect(lines(frontendText, query("select\n'\u001b[2J', '\u202e\u2028'"))).toEqual([
    String.raw`Query select\n'\u{1b}[2J', '\u{202e}\u{2028}'`,
  ])
  const user = readStartup(Buffer.from('\0\0\0\0\0\x03\0\0user\0a\nb\0\0', 'latin1'))
  expect(startupText(user)).toBe(String.raw`StartupMessage user=a\nb`)
  expect(lines(backendText, frame(Backend.CopyData, 'a\tb\n'))).toEqual([String.raw`CopyData a\tb\n`])
})

test('a text is cut, wherever its message was', () => {
  expect(lines(frontendText, query('x'.repeat(1000)))).toEqual([`Query ${'x'.repeat(200)}...`])
  const values = textRow('v'.repeat(300))
  const messages = [
    parse('s', 'select 1'),
    bind,
    describeText('a'),
    values,
    errorResponse({ severity: '', code: '', message: '' }),
  ]
  const bytes = Buffer.concat([...messages, readyForQuery('I')])
  const all = Array.from({ length: 60 }, (_, at) =>
    [frontendText, backendText].flatMap(text => lines(text, bytes, 5 + at)),
  )
  expect(all.flat().filter(({ length }) => length > 230)).toEqual([])
})
