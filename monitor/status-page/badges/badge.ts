/** Draws a badge: a label and a message side by side, as SVG without fonts or pictures from elsewhere. */
import { makeBadge } from 'badge-maker'
import { visible } from '../../../pages/text.ts'

export interface Badge {
  label: string
  message: string
  tone: Tone
}

/** `plain`: a figure, which the reader judges. */
export type Tone = 'good' | 'warning' | 'bad' | 'unknown' | 'plain'

/** As in pages/colours.css for a light page: white text has a contrast of at least 4.5 on each. */
const colours: Record<Tone, string> = {
  good: '#1b6b3a',
  warning: '#8a4b00',
  bad: '#b3261e',
  unknown: '#55606f',
  plain: '#1d5fbf',
}

export function badgeSvg({ label, message, tone }: Badge): string {
  const texts = { label: shown(label), message: shown(message) }
  return makeBadge({ ...texts, color: colours[tone], labelColor: '#323944', style: 'flat-square' })
}

/** XML cannot contain control characters, not even escaped; what changes the direction of the text is made visible. */
function shown(text: string): string {
  const readable = visible(text.replace(/[\p{Control}\p{Surrogate}\uFFFE\uFFFF]/gu, '\ufffd'))
  return readable.length > 100 ? `${readable.slice(0, 99)}…` : readable
}
