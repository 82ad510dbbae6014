/** Schema of the settings that choose who gets alerts, and when, for zod. */
import { z } from 'zod'
import { routedKinds } from '../alerts/routed-kinds.ts'
import { parseDuration } from '../duration.ts'
import { duration, settings, strings, text } from '../schema-parts.ts'
import { weekdays } from './alert-config.ts'

const severities = ['critical', 'warning', 'info'] as const
const severityRemedy = "write 'critical', 'warning' or 'info', or a list of them"
const severity = z.enum(severities, { error: severityRemedy })
const kinds = `write a list of kinds: ${routedKinds.join(', ')}`
const channels = strings('write a list of channels, such as ["oncall"]')

const matched = {
  checks: strings('write a list of checks'),
  tags: strings('write a list of tags with their @, such as ["@checkout"]', /^@[^\s@]+$/),
  environments: strings('write a list of environments'),
  severity: z.union([severity, z.array(severity, { error: severityRemedy })], { error: severityRemedy }),
}
const match = settings({ kinds: z.array(z.enum(routedKinds, { error: kinds }), { error: kinds }), ...matched })

const time = text('write a time of day, such as 22:00', /^([01]\d|2[0-3]):[0-5]\d$/)
const end = text('write a time of day up to 24:00, such as 07:00', /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/)
const days = "write a list of days, such as ['saturday', 'sunday']"
const after = 'write durations in increasing order, such as ["1h", "4h", "1d"]'

/** @param timezone The schema of a time zone. */
export function alertSettings(timezone: z.ZodType) {
  return {
    routes: z.array(
      settings({ match, channels, continue: z.boolean({ error: 'write true or false' }) }, ['channels']),
      {
        error: 'write a list of routes, such as [{ match: { tags: ["@checkout"] }, channels: ["desk"] }]',
      },
    ),
    quietHours: z.array(
      settings(
        {
          from: time,
          to: end,
          timezone,
          days: z.array(z.enum(weekdays, { error: days }), { error: days }).min(1, { error: days }),
          channels,
          match,
        },
        ['from', 'to'],
      ).refine(({ from, to }) => from !== to, { error: 'write different times; a whole day is from 00:00 to 24:00' }),
      { error: 'write a list of quiet hours, such as [{ from: "22:00", to: "07:00" }]' },
    ),
    reminders: settings({
      after: z
        .array(duration, { error: after })
        .refine(list => list.every((each, index) => index === 0 || ms(list[index - 1]) < ms(each)), { error: after }),
    }),
    escalation: z.array(settings({ after: duration, channels, match: settings(matched) }, ['after', 'channels']), {
      error: 'write a list of steps, such as [{ after: "15m", channels: ["manager"] }]',
    }),
  }
}

const ms = (text = '') => parseDuration(text) ?? Number.NaN
