/**
 * Makes the chart of durations interactive with uPlot: values under the pointer, and a zoom by dragging, which a double click
 * ends. The page is not replaced meanwhile.
 */

const figures = /** @type {WeakSet<Element>} */ (new WeakSet())

/** @type {Promise<any> | undefined} */
let loading

/** uPlot is a classic script, which defines a global. */
function loadUplot() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = '/uplot.js'
    script.addEventListener('load', () => resolve(Reflect.get(globalThis, 'uPlot')))
    script.addEventListener('error', () => reject(new Error('/uplot.js could not be loaded.')))
    document.head.append(script)
  })
  return loading
}

/** Ends the chart of a figure that was replaced. */
let drop = () => undefined

const dark = matchMedia('(prefers-color-scheme: dark)')
const height = 260

async function enhance() {
  const figure = document.querySelector('main .chart')
  const place = figure?.querySelector('.time-chart')
  const data = figure?.querySelector('script[type="application/json"]')?.textContent
  if (!figure || !place || !data || figures.has(figure)) return
  figures.add(figure)
  const uPlot = await loadUplot()
  // Replaced meanwhile.
  if (!figure.isConnected) return
  drop()
  const holder = document.createElement('div')
  place.after(holder)
  figure.classList.add('interactive')
  const { from, until, slices, replays } = JSON.parse(data)
  const seconds = (/** @type {number} */ ms) => ms / 1000
  /** @param {number} index */
  const column = index => slices.map((/** @type {number[]} */ slice) => slice[index])
  /** @param {0 | 1} failed */
  const single = failed => {
    const some = replays.filter((/** @type {number[]} */ replay) => replay[2] === failed)
    return [
      some.map((/** @type {number[]} */ [due]) => seconds(due ?? 0)),
      some.map((/** @type {number[]} */ replay) => replay[1]),
    ]
  }
  const joined = uPlot.join([[column(0).map(seconds), column(1), column(2), column(3)], single(0), single(1)])
  /** @type {any} */
  let chart
  const zoom = (/** @type {any} */ drawn, /** @type {boolean} */ isZoomed) => {
    if (drawn) drawn.isZoomed = isZoomed
    if (isZoomed) figure.setAttribute('data-pauses', 'while the chart is zoomed')
    else figure.removeAttribute('data-pauses')
    document.dispatchEvent(new Event('pause-changed'))
  }
  const draw = () => {
    zoom(chart, false)
    chart?.destroy()
    const colours = getComputedStyle(document.documentElement)
    const colour = (/** @type {string} */ name) => colours.getPropertyValue(`--${name}`).trim()
    const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } }
    const value = (/** @type {any} */ _, /** @type {number | null | undefined} */ ms) => (ms == null ? '' : text(ms))
    const line = { stroke: colour('accent'), points: { show: false }, spanGaps: false, value }
    const points = (/** @type {string} */ stroke, /** @type {number} */ size) => {
      return { stroke, value, paths: () => null, points: { show: true, size, fill: stroke, width: 0 } }
    }
    chart = new uPlot(
      {
        width: holder.clientWidth,
        height,
        // The page has a legend that shows how the lines differ.
        legend: { markers: { show: false } },
        tzDate: (/** @type {number} */ at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
        scales: {
          x: {
            range: (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) =>
              chart?.isZoomed ? [low, high] : [seconds(from), seconds(until)],
          },
          y: {
            range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ high) => [
              0,
              (high || 1) * 1.08,
            ],
          },
        },
        axes: [
          { ...axis, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(timeText) },
          { ...axis, size: 64, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(text) },
        ],
        series: [
          {
            label: 'Time (UTC)',
            value: (/** @type {any} */ _, /** @type {number | null} */ at) =>
              at == null ? '' : `${new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ')}`,
          },
          { ...line, label: 'p50', width: 2.5 },
          { ...line, label: 'p95', width: 2, dash: [6, 4] },
          { ...line, label: 'p99', width: 2, dash: [1, 5] },
          ...(replays.length > 0
            ? [
                { ...points(colour('muted'), 4), label: 'replay' },
                { ...points(colour('bad'), 8), label: 'failed replay' },
              ]
            : []),
        ],
        cursor: {
          bind: {
            dblclick: (/** @type {any} */ self, /** @type {any} */ _, /** @type {(event: Event) => void} */ reset) => {
              return (/** @type {Event} */ event) => {
                if (self.isZoomed) zoom(self, false)
                reset(event)
              }
            },
          },
        },
        hooks: {
          setSelect: [
            (/** @type {any} */ self) => {
              zoom(self, self.select.width > 0)
            },
          ],
        },
      },
      replays.length > 0 ? joined : joined.slice(0, 4),
      holder,
    )
  }
  draw()
  dark.addEventListener('change', draw)
  const resized = new ResizeObserver(() => chart.setSize({ width: holder.clientWidth, height }))
  resized.observe(holder)
  drop = () => {
    dark.removeEventListener('change', draw)
    resized.disconnect()
    chart.destroy()
    return undefined
  }
}

/** In UTC, as the rest of the page: `18:00`, or `30 Nov` at midnight. @param {number} at */
function timeText(at) {
  const time = new Date(at * 1000)
  const clock = time.toISOString().slice(11, 16)
  if (clock !== '00:00') return clock
  return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

/** @param {number} ms */
function text(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 10) / 100} s`
}

document.addEventListener('main-replaced', enhance)
void enhance()
