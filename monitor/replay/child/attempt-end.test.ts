import assert from 'node:assert/strict'
import type { TestCase, TestResult, TestStep } from '@playwright/test/reporter'
import { attemptLogName } from '../../../environment/contract/attempt-log.ts'
import { Redactor } from '../../../environment/secrets/redaction/redactor.ts'
import { expect, test } from '../../../testing/test.ts'
import { attemptEnd, errorPlace, failedStep } from './attempt-end.ts'

test('a secret at the cut of a long message is removed, with the part that is left of it', () => {
  const secret = '😀-schlüssel-4711-ßtimmt-"\\'
  const redactor = new Redactor(new Map([['KEY', secret]]))
  for (let before = 10_000 - secret.length; before <= 10_000; before++) {
    const { message } = errorPlace({ message: `${'x'.repeat(before)}${secret}${'y'.repeat(100)}` }, '/')
    const redacted = redactor.text(message)
    assert.match(redacted, /x(\[KEY\]|.{0,5})…$/u)
    for (let at = 0; at + 6 <= secret.length; at++) assert.ok(!redacted.includes(secret.slice(at, at + 6)), `${before}`)
  }
})

test('the step of an error is the innermost step of the spec that threw it, with those around it', () => {
  const step = (title: string, message?: string, steps: TestStep[] = [], category = 'test.step') =>
    ({ title, category, steps, ...(message !== undefined && { error: { message } }) }) as TestStep
  const steps = [
    step('signs in', 'caught'),
    step('After Hooks', 'boom', [], 'hook'),
    step('orders', 'boom', [step('adds to the cart'), step('pays', 'boom', [step('toBe', 'boom', [], 'expect')])]),
  ]
  expect(failedStep(steps.slice(2), { message: 'boom' })).toBe('orders › pays')
  expect(failedStep(steps.slice(0, 2), { message: 'boom' })).toBe('')
  expect(failedStep([step('x'.repeat(600), 'boom')], { message: 'boom' })).toBe(`${'x'.repeat(500)}…`)
})

test('a test that is expected to fail has not passed if it fails by our own fault, and is not tried again', () => {
  const expectedToFail = { expectedStatus: 'failed', retries: 2, annotations: [] } as unknown as TestCase
  const endWith = (log: object) => {
    const attachments = [{ name: attemptLogName, body: Buffer.from(JSON.stringify(log)) }]
    const given = { status: 'failed', retry: 0, startTime: new Date(0), duration: 1, annotations: [], steps: [] }
    const errors = [{ message: 'Error: boom', stack: 'Error: boom' }]
    return attemptEnd(expectedToFail, { ...given, errors, attachments } as unknown as TestResult, '/', 1)
  }
  expect(endWith({ sent: 1, answered: 1, ownFault: 'the disk is full' })).toMatchObject({
    ...{ status: 'failed', isLast: true, ownFault: 'the disk is full', error: { message: 'Error: boom' } },
  })
  expect(endWith({ sent: 1, answered: 1 })).toMatchObject({ status: 'passed', isLast: true })
})
