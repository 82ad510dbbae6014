/** Remarks about a check beside its state, for the page and the terminal. They quote no errors. */
import type { CheckError, CheckStatus, Overview } from './status.ts'

/** One sentence; times are formatted where it is shown. */
export type Remark = readonly (string | Date)[]

export function remarksOf({ state, lastReplay, stale, confirming, error, slots }: CheckStatus): Remark[] {
  const remarks: Remark[] = []
  if (confirming !== null) remarks.push(['Failing, being confirmed since ', confirming, '.'])
  if (error !== null) remarks.push([errorText(error)])
  if (state === 'unknown' && slots.unknown > 0) {
    remarks.push([
      `${slots.unknown === 1 ? 'The last slot gave' : `The last ${slots.unknown} slots gave`} no evidence of the service's state.`,
    ])
  }
  if (stale && lastReplay !== null) {
    remarks.push([
      'Out of date: the newest result is of ',
      new Date(lastReplay.due),
      ', and two due times have passed since.',
    ])
  }
  if (slots.reason !== null) {
    const counts = (['missed', 'skipped'] as const)
      .filter(kind => slots[kind] > 0)
      .map(kind => `${slots[kind]} ${kind}`)
    remarks.push([`Slots of the last 24 hours: ${counts.join(', ')}. The last one: ${slots.reason}.`])
  }
  if (slots.overloaded > 0) {
    const replays = slots.overloaded === 1 ? 'one replay' : `${slots.overloaded} replays`
    remarks.push([`The monitor's machine was overloaded in the last 24 hours, so ${replays} had no result.`])
  }
  return remarks
}

function errorText({ kind, locations }: CheckError): string {
  const replay = `The last replay from ${locations.join(', ')}`
  return kind === 'not run'
    ? `${replay} ran no test: its specs cannot be loaded, or the monitor had an error.`
    : `${replay} ended in an error of the monitor or its machine, not of the service.`
}

/** Remarks about waiting messages, and about those closed unsent. */
export function messageRemarks({ undelivered, unsent }: Pick<Overview, 'undelivered' | 'unsent'>): Remark[] {
  return [
    ...undelivered.map(({ channel, messages, dead, since, failure }): Remark => {
      const last = failure === null ? 'No attempt has ended yet' : `Last attempt: ${failure}`
      const givenUp =
        dead === 0 ? '' : ` ${dead === messages ? 'Given up' : `${dead} of them given up`}, until an operator retries.`
      return [`${channel}: ${counted(messages)} not delivered since `, since, `. ${last}.${givenUp}`]
    }),
    ...unsent.map(
      ({ channel, messages, at }): Remark => [
        `${channel}: ${counted(messages)} closed without being sent at `,
        at,
        ', since this channel is not configured any more.',
      ],
    ),
  ]
}

const counted = (messages: number) => `${messages} ${messages === 1 ? 'message' : 'messages'}`

/** Returns whether the monitor lacks data about a check, whatever its state. */
export function isBlind({ stale, error, slots }: CheckStatus): boolean {
  return stale || error !== null || slots.missed + slots.skipped + slots.overloaded > 0
}
