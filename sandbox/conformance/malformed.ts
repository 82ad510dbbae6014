/** Messages with a valid length and a malformed body: a server responds to each with an error and continues. */
import { frame } from '../protocol/backend-messages.ts'
import { closeStatement, Frontend, parse, query, sync } from '../protocol/frontend-messages.ts'
import { bind, describeStatement, int16, int32 } from './messages.ts'
import { due, type Scenarios } from './scenario.ts'

export const malformed: Scenarios = {
  'messages with unterminated strings': [
    [frame(Frontend.Parse, 's'), sync],
    [frame(Frontend.Bind, '\0s'), sync],
    [frame(Frontend.Describe, 'S'), sync],
    [frame(Frontend.Describe), sync],
    [frame(Frontend.Execute, 'p'), sync],
    [frame(Frontend.Close, 'Sx'), sync],
    [frame(Frontend.Query, 'select 1')],
    'select 1',
  ],
  'messages that are too short': [
    [parse('s', 'select 1'), sync],
    [frame(Frontend.Parse, '\0select 1\0'), sync],
    [frame(Frontend.Bind, '\0s\0'), sync],
    [bind('', 's'), frame(Frontend.Execute, '\0'), sync],
    'select 1',
  ],
  'malformed messages in a transaction': [
    'begin',
    'insert into t values (1)',
    [frame(Frontend.Parse, 's'), sync],
    'select 1',
    'rollback',
    'begin',
    [frame(Frontend.Query, 'select 1')],
    'select 1',
    'commit',
    'select * from t',
  ],
  'a malformed function call': [
    due(1, [frame(Frontend.FunctionCall, Buffer.concat([int32(177), int16(0)]))]),
    'select 1',
  ],
  'bytes that are not valid UTF-8': [
    [query('select 1'), frame(Frontend.Query, Buffer.from("select '\xff'\0", 'latin1'))],
    [frame(Frontend.Parse, Buffer.from("\0select '\xff'\0\0\0", 'latin1')), sync],
    [parse('s', 'select $1::text'), bind('', 's', [Buffer.from([0xff])]), sync],
    [bind('', 's', ['a\0b']), sync],
    'select 1',
  ],
  'an unknown message type ends the session': [[frame(0x7a, 'x')]],
  'a replication command': ['IDENTIFY_SYSTEM', 'select 1'],
  'messages that are too long': [
    [frame(Frontend.Query, 'select 1\0select 2\0')],
    [frame(Frontend.Parse, '\0select 1\0\0\0more'), sync],
    [frame(Frontend.Describe, 'S\0more'), sync],
    [frame(Frontend.Close, 'S\0more'), sync],
    'select 1',
  ],
  'Describe and Close with an invalid target': [
    [frame(Frontend.Describe, 'X\0'), sync],
    [frame(Frontend.Close, 'X\0'), sync],
    'select 1',
  ],
  'a negative number of parameters': [
    [parse('s', 'select 1'), sync],
    [frame(Frontend.Bind, Buffer.concat([Buffer.from('\0s\0'), int16(0), int16(-1), int16(0)])), sync],
    [closeStatement('s'), describeStatement('s'), sync],
  ],
}
