import type { LedgerSummary } from '../../environment/contract/attempt-log.ts'
import { ruleName } from '../../environment/ledger/cleanup-rule.ts'
import { expect, test } from '../../testing/test.ts'
import { ledgerRemarks } from './ledger-remarks.ts'

const summary = (settings: Partial<LedgerSummary>): LedgerSummary => ({
  removed: 0,
  unverified: 0,
  neverCreated: 0,
  unresolved: [],
  suspected: [],
  fitted: [],
  unfitted: [],
  ...settings,
})

test('a request that was answered like a creation is reported once for its route', () => {
  const suspected = [7, 8].map(id => ({
    method: 'POST',
    url: `https://api.example.com/carts/${id}/items`,
    route: 'POST /carts/{cart}/items',
    reason: 'answered like a creation, with 202',
  }))
  expect(ledgerRemarks('production', [], [summary({ suspected }), summary({ suspected })])).toEqual([
    'Possible leak in production: POST /carts/{cart}/items was answered like a creation, with 202.',
  ])
})

test('a rule that fitted no request is reported with similar routes, and with no others', () => {
  const cleanup = ['POST /thigs', 'POST /v1/orders', 'PUT /things', 'POST /users', 'POST /{shop}'].map(create => ({
    create,
    remove: 'DELETE /x',
  }))
  const unfitted = ['POST /things', 'POST /v2/orders', 'POST /things']
  expect(ledgerRemarks('production', cleanup, [summary({ unfitted, fitted: ["'POST /users'"] })])).toEqual([
    "The cleanup rule for 'POST /thigs' of production fitted no request of this run; POST /things came near.",
    "The cleanup rule for 'POST /v1/orders' of production fitted no request of this run; POST /v2/orders came near.",
  ])
})

test('of several rules for the same request, each is looked at for itself', () => {
  const [addUser, addOrder] = ['addUser', 'addOrder'].map(operationName => ({
    create: 'POST /graphql',
    when: { operationName },
    remove: 'DELETE /x',
  }))
  if (!addUser || !addOrder) throw new Error('There are two rules.')
  const used = summary({ fitted: [ruleName(addUser)], unfitted: ['POST /graphql'] })
  expect(ledgerRemarks('production', [addUser, addOrder], [used])).toEqual([
    `The cleanup rule for 'POST /graphql' when {"operationName":"addOrder"} of production fitted no request of this run; POST /graphql came near.`,
  ])
})
