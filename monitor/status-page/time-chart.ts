/** Draws a chart over time as SVG. It fills its place at any width, while its texts keep their size. */
import { type Html, html } from '../../pages/html.ts'
import { durationText } from './parts.ts'

export interface TimeChart {
  from: Date
  until: Date
  /** In milliseconds. */
  highest: number
  /** A text alternative. */
  label: string
  layers: Layer[]
}

interface Layer {
  /** Of the style sheet. */
  className: string
  /** In the order of their times; undefined ends the line, and the next value begins another. */
  points: ({ at: Date; value: number } | undefined)[]
  /** Single points instead of a line. */
  isScattered?: boolean
}

const [width, height] = [1000, 240]

export function timeChart({ from, until, highest, label, layers }: TimeChart): Html {
  const steps = valueSteps(highest)
  const top = steps.at(-1) ?? 1
  const x = (at: Date) => round(((at.getTime() - from.getTime()) / (until.getTime() - from.getTime())) * width)
  const y = (value: number) => round(height - (value / top) * height)
  const times = timeSteps(from, until)
  return html`<div class="time-chart">
  <svg class="y-axis" aria-hidden="true">${steps.map(step => html`<text x="100%" y="${y(step) + 8}">${durationText(step)}</text>`)}</svg>
  <svg class="plot" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">
    <path class="grid" d="${steps.map(step => `M0 ${y(step)}H${width}`).join('')}"/>
    ${layers.map(({ className, points, isScattered }) => html`<path class="${className}" d="${pathOf(points, x, y, isScattered)}"/>`)}
  </svg>
  <svg class="x-axis" aria-hidden="true">${times.map(({ at, text }) => html`<text x="${x(at) / 10}%" y="14">${text}</text>`)}</svg>
</div>`
}

function pathOf(points: Layer['points'], x: (at: Date) => number, y: (value: number) => number, isScattered = false) {
  let isOpen = false
  const parts: string[] = []
  for (const point of points) {
    // A line of no length is a point, whose shape is that of the line's ends.
    if (point) parts.push(`${isOpen && !isScattered ? 'L' : 'M'}${x(point.at)} ${y(point.value)}h0`)
    isOpen = point !== undefined
  }
  return parts.join('')
}

/** From 0 in round steps to at least the highest value. */
function valueSteps(highest: number): number[] {
  const rough = Math.max(highest, 1) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => size >= rough) ?? 10 * power
  return [0, 1, 2, 3, 4].map(count => count * step).filter(value => value - step < highest)
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]

function timeSteps(from: Date, until: Date): { at: Date; text: string }[] {
  const span = until.getTime() - from.getTime()
  const step = [6 * hourMs, 2 * dayMs, 7 * dayMs, 30 * dayMs].find(size => span / size <= 5) ?? 30 * dayMs
  const first = Math.ceil(from.getTime() / step) * step
  const times = Array.from({ length: Math.max(0, Math.floor((until.getTime() - first) / step) + 1) }, (_, index) => {
    return new Date(first + index * step)
  })
  return times.map(at => ({ at, text: step < dayMs ? at.toISOString().slice(11, 16) : dayText(at) }))
}

/** `30 Nov` */
function dayText(at: Date): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

const round = (value: number) => Math.round(value * 10) / 10
