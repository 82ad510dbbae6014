/** FunctionCall messages, as libpq sends them for large objects. */
import { parse, query, sync } from '../protocol/frontend-messages.ts'
import { callFunction, int32 } from './messages.ts'
import { due, type Scenarios } from './scenario.ts'

const int4pl = 177
const int4div = 154

export const functionCalls: Scenarios = {
  'a function call': [
    [callFunction(int4pl, ['1', '1'])],
    due(1, [parse('', 'selec'), callFunction(int4pl, ['1', '1']), sync]),
    'select 2',
  ],
  'a function call in the binary format': [[callFunction(int4pl, [int32(40), int32(2)], 1)], 'select 1'],
  'a function call that fails': [
    [callFunction(int4div, ['1', '0'])],
    [callFunction(int4pl, ['x', '1'])],
    [callFunction(999999, [])],
    [callFunction(int4pl, ['1'])],
    'select 1',
  ],
  'a function call with null': [[callFunction(int4pl, [null, '1'])]],
  'function calls in a transaction': [
    'begin',
    [callFunction(int4pl, ['1', '1'])],
    [callFunction(int4div, ['1', '0'])],
    [callFunction(int4pl, ['1', '1'])],
    'select 1',
    'rollback',
    [callFunction(int4pl, ['1', '1']), query('select 3'), callFunction(int4pl, ['1', '3'])],
  ],
}
