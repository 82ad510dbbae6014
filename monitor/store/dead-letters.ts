/** Gives messages up that cannot be delivered, so that they do not block their streams for ever. */

/** A clock that jumps ahead ages a message, but does not try it. */
const fewestAttempts = 20

/** Something else than the message is at fault: the receiver, the network, or the settings of the channel. */
const longestFailing = '7 days'

/** The message is at fault, since the channel accepts others. */
const longestRefused = '24 hours'

/** SQL condition on a row `message` of the outbox, after a failed attempt. */
export const isHopeless = (isPermanent: string) => `
  attempts >= ${fewestAttempts}
  and (failing_since < clock_timestamp() - interval '${longestFailing}'
       or ${isPermanent} and refused_since < clock_timestamp() - interval '${longestRefused}'
          and exists (select from reprise.outbox other
                       where other.channel = message.channel and other.delivered_at > message.refused_since
                         and other.last_error is null))`
