import assert from 'node:assert/strict'
import fc from 'fast-check'
import { forEachRow } from '../../testing/for-each-row.ts'
import { expect, test } from '../../testing/test.ts'
import type { Finding } from './finding.ts'
import { defaultPolicy, type Policy } from './policy.ts'
import { type JudgedSlot, judge, needsConfirmation, noVerdict, type Transition } from './verdict.ts'

/** `+` good, `*` flaky, `~` slow, `-` failed, `.` nothing. */
function slots(text: string): JudgedSlot[] {
  const findings: Record<string, Finding> = { '+': 'good', '*': 'flaky', '~': 'slow', '-': 'failed', '.': 'nothing' }
  return [...text].map((sign, due) => ({ due, finding: findings[sign] ?? 'nothing' }))
}

const policy = (down: number, up: number): Policy => ({ ...defaultPolicy, confirm: { down, up } })

/** Formats state changes as `3 up>down`, other transitions as `3 opened`. */
function told(text: string, confirm = policy(2, 1)): string[] {
  return judge(confirm, slots(text)).transitions.map(transition => {
    if (transition.kind !== 'state') return `${transition.at} ${transition.kind}`
    return `${transition.at} ${transition.from}>${transition.to}${transition.quiet ? ' (quiet)' : ''}`
  })
}

const tellings = [
  ['the first good slot turns the check up', '+', ['0 unknown>up']],
  ['a single failure changes nothing', '+-+-~+', ['0 unknown>up', '4 up>degraded', '5 degraded>up']],
  [
    'a confirmed failure turns the check down, and one good slot up again',
    '+--+',
    ['0 unknown>up', '2 up>down', '2 opened', '3 down>up', '3 closed'],
  ],
  [
    'slow is confirmed like a failure, and opens no incident',
    '+~~+',
    ['0 unknown>up', '2 up>degraded', '3 degraded>up'],
  ],
  ['failures between slow slots turn the check degraded', '+~-~-', ['0 unknown>up', '2 up>degraded']],
  [
    'up is confirmed if the policy wants it',
    '++--+-++',
    ['1 unknown>up', '3 up>down', '3 opened', '7 down>up', '7 closed'],
    policy(2, 2),
  ],
  [
    'slow after down is degraded, and the incident stays open',
    '--~~+',
    ['1 unknown>down', '1 opened', '2 down>degraded', '4 degraded>up', '4 closed'],
  ],
  [
    'alternating slow and good slots end down',
    '--~+~',
    ['1 unknown>down', '1 opened', '3 down>degraded'],
    policy(2, 2),
  ],
  [
    'failing every other slot is degraded until failures become rare',
    '+-+-+-+-++++++++',
    ['0 unknown>up', '5 up>degraded', '13 degraded>up'],
  ],
  [
    'ten slots in a row that passed only on a retry, or failed, make the check degraded until one passes at once',
    '*****-***.**+*',
    ['0 unknown>up', '10 up>degraded', '12 degraded>up'],
  ],
  ['fewer slots that passed only on a retry count as good', '+*********+*********~*********', ['0 unknown>up']],
  [
    'what failed during down does not make the check degraded with later retries',
    '--------*********+',
    ['1 unknown>down', '1 opened', '8 down>up', '8 closed'],
  ],
  [
    'with 3 of 5, three failures among five slots turn the check down',
    '+-+-+-+--',
    ['0 unknown>up', '5 up>down', '5 opened', '6 down>up', '6 closed'],
    { ...policy(3, 1), confirm: { down: 3, of: 5, up: 1 } },
  ],
  [
    'with 3 of 5, two failures among five slots do not turn the check down',
    '+-+-+++-',
    ['0 unknown>up'],
    { ...policy(3, 1), confirm: { down: 3, of: 5, up: 1 }, often: { failures: 4, of: 10 } },
  ],
  [
    'failures during down do not make the check degraded afterwards',
    '+-----+-+',
    ['0 unknown>up', '2 up>down', '2 opened', '6 down>up', '6 closed'],
  ],
  ['slots without evidence neither count nor end a streak', '+-.-', ['0 unknown>up', '3 up>down', '3 opened']],
  [
    'slots without evidence turn the check unknown, and an open incident stays open',
    '--...-+',
    ['1 unknown>down', '1 opened', '4 down>unknown', '5 unknown>down', '6 down>up', '6 closed'],
  ],
  [
    'flapping is reported once, and ends after enough slots without a change',
    `${'--+'.repeat(5)}${'+'.repeat(12)}`,
    [
      '1 unknown>down',
      '1 opened',
      '2 down>up',
      '2 closed',
      '4 up>down',
      '4 opened',
      '5 down>up',
      '5 closed',
      '7 flapping',
      '7 up>down (quiet)',
      '7 opened',
      '8 down>up (quiet)',
      '10 up>down (quiet)',
      '11 down>up (quiet)',
      '13 up>down (quiet)',
      '14 down>up (quiet)',
      '24 steady',
      '24 closed',
    ],
  ],
] as const satisfies readonly (readonly [string, string, readonly string[], Policy?])[]

test('which news follows from which slots', async () => {
  await forEachRow(
    tellings,
    ([name]) => name,
    ([, history, expected, confirm]) => {
      expect(told(history, confirm)).toEqual(expected)
    },
  )
})

const confirmations = [
  ['', false],
  ['+', false],
  ['+-', true],
  ['+--', false],
  ['--+', true, policy(2, 2)],
  ['--++', false, policy(2, 2)],
  ['+~', true],
  ['+-.', false],
  ['+-+-', true, { ...policy(3, 1), confirm: { down: 3, of: 5, up: 1 } }],
  ['+-+-+-', false, { ...policy(3, 1), confirm: { down: 3, of: 5, up: 1 } }],
] as const satisfies readonly (readonly [string, boolean, Policy?])[]

test('after which slots a confirmation is due', async () => {
  await forEachRow(
    confirmations,
    ([history]) => `after "${history}"`,
    ([history, due, confirm]) => {
      const rules = confirm ?? policy(2, 1)
      expect(needsConfirmation(rules, judge(rules, slots(history)).verdict)).toBe(due)
    },
  )
})

const policies = fc
  .record({ down: fc.integer({ min: 1, max: 4 }), up: fc.integer({ min: 1, max: 4 }) })
  .map(({ down, up }) => policy(down, up))
const histories = fc.string({ unit: fc.constantFrom('+', '+', '*', '*', '~', '-', '-', '.'), maxLength: 60 }).map(slots)

// Not by `expect`, which reports each of some thousand steps.
test('a state needs its evidence, and follows from its evidence', () => {
  fc.assert(
    fc.property(policies, histories, (rules, history) => {
      const { confirm, blindAfter } = rules
      const states = new Map<number, string>()
      for (const transition of judge(rules, history).transitions) {
        if (transition.kind === 'state') states.set(transition.at, transition.to)
      }
      let state = 'unknown'
      let sinceDown: Finding[] = []
      history.forEach(({ due, finding }, index) => {
        const seen = history.slice(0, index + 1)
        const evidence = seen.map(slot => slot.finding).filter(found => found !== 'nothing')
        const ends = (length: number, allowed: Finding[]) =>
          evidence.length >= length && evidence.slice(-length).every(found => allowed.includes(found))
        const turned = states.get(due)
        if (finding !== 'nothing') sinceDown.push(finding)
        const lastTen = sinceDown.slice(-10)
        const isTroubled = lastTen.length === 10 && lastTen.every(found => found === 'failed' || found === 'flaky')
        const often = lastTen.filter(found => found === 'failed').length >= 3 || isTroubled
        const isGood = finding === 'good' || finding === 'flaky'
        if (turned === 'down') assert.ok(finding === 'failed' && ends(confirm.down, ['failed']))
        if (turned === 'up') assert.ok(isGood && ends(confirm.up, ['good', 'flaky']))
        if (turned === 'degraded') {
          const fell = ends(confirm.down, ['failed', 'slow'])
          assert.ok(state === 'down' ? ends(confirm.up, ['slow', 'good', 'flaky']) : fell || often)
        }
        if (turned === 'unknown') assert.ok(seen.slice(-blindAfter).every(slot => slot.finding === 'nothing'))
        state = turned ?? state
        if (state === 'down') sinceDown = []
        if (finding === 'failed' && ends(confirm.down, ['failed'])) assert.equal(state, 'down')
        if (isGood && ends(confirm.up, ['good', 'flaky'])) assert.equal(state, often ? 'degraded' : 'up')
      })
    }),
    { numRuns: 1000 },
  )
})

test('a check has at most one open incident, from down to up', () => {
  fc.assert(
    fc.property(policies, histories, (rules, history) => {
      const { verdict, transitions } = judge(rules, history)
      let open: number | undefined
      for (const transition of transitions) {
        if (transition.kind === 'opened') {
          assert.equal(open, undefined)
          open = transition.incident
          assert.equal(stateAt(transitions, transition.at), 'down')
        }
        if (transition.kind === 'closed') {
          assert.equal(transition.incident, open)
          open = undefined
          assert.equal(stateAt(transitions, transition.at), 'up')
        }
      }
      assert.equal(verdict.incident, open)
    }),
    { numRuns: 1000 },
  )
})

test('judging a history in pieces gives the same verdict', () => {
  fc.assert(
    fc.property(policies, histories, fc.nat(60), (rules, history, cut) => {
      const whole = judge(rules, history)
      const first = judge(rules, history.slice(0, cut), noVerdict)
      const second = judge(rules, history.slice(cut), first.verdict)
      expect(second.verdict).toEqual(whole.verdict)
      expect([...first.transitions, ...second.transitions]).toEqual(whole.transitions)
    }),
  )
})

function stateAt(transitions: readonly Transition[], time: number): string | undefined {
  const turns = transitions.filter(transition => transition.kind === 'state' && transition.at <= time)
  const last = turns.at(-1)
  return last?.kind === 'state' ? last.to : undefined
}
