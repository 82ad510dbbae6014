/** Signs of the states: pictures that differ in shape as well as in colour. They stand beside a word. */
import { type Html, html } from '../../pages/html.ts'
import type { CheckStatus } from './status.ts'

type ShownState = CheckStatus['state']

/** On a field of 16 by 16. */
interface Picture {
  shape: string
  /** A stroke on the shape. */
  mark: string
}

const circle = 'M8 0a8 8 0 1 0 0 16A8 8 0 1 0 8 0z'
const pictures: Record<ShownState, Picture> = {
  up: { shape: circle, mark: 'm4.6 8.4 2.4 2.4 4.5-5.2' },
  degraded: {
    shape:
      'M8 .8a1.6 1.6 0 0 1 1.4.8l6.3 11.6a1.6 1.6 0 0 1-1.4 2.4H1.7a1.6 1.6 0 0 1-1.4-2.4L6.6 1.6A1.6 1.6 0 0 1 8 .8z',
    mark: 'M8 6v3.4m0 3v.1',
  },
  down: {
    shape: 'M3.5.5h9a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-9a3 3 0 0 1-3-3v-9a3 3 0 0 1 3-3z',
    mark: 'm5.2 5.2 5.6 5.6m0-5.6-5.6 5.6',
  },
  unknown: { shape: 'M8 0l8 8-8 8-8-8z', mark: 'M6.4 6.6c0-2.4 3.4-2.2 3.4-.2 0 1.4-1.8 1.4-1.8 2.6m0 2.4v.1' },
  maintenance: { shape: circle, mark: 'M6.2 5.2v5.6m3.6-5.6v5.6' },
}

export function sign(state: ShownState): Html {
  const { shape, mark } = pictures[state]
  return html`<svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="${shape}"/><path class="mark" d="${mark}"/></svg>`
}

const colours: Record<ShownState, string> = {
  up: '#2c9a5b',
  degraded: '#c27406',
  down: '#d5352b',
  unknown: '#c27406',
  maintenance: '#1d5fbf',
}

/** A data URL, for the browser's tab. */
export function signIcon(state: ShownState): string {
  const { shape, mark } = pictures[state]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${colours[state]}" d="${shape}"/><path fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" d="${mark}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
