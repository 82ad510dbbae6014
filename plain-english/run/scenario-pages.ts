/** The pages of a scenario: the tab and the frame that its sentences act on, and what happened in them. */
import {
  type Dialog,
  type Download,
  expect,
  type Frame,
  type Locator,
  type Page,
  type Request,
  type Response,
  test,
} from '@playwright/test'
import type { Element } from '../compile/element.ts'
import { find, type Kind, patience, until } from './find-element.ts'

/** How to answer a dialog. */
type DialogAnswer = { accept: true; text?: string } | { accept: false }

const scenarios = new WeakMap<Page, ScenarioPages>()

/** @param page The fixture of the test: the first tab. */
export function pagesOf(page: Page): ScenarioPages {
  const known = scenarios.get(page)
  if (known) return known
  const pages = new ScenarioPages(page)
  scenarios.set(page, pages)
  return pages
}

class ScenarioPages {
  /** The tabs that the scenario was on, in order; the last one that is open is the current one. */
  readonly #visited: Page[]
  /** Tabs that were opened and not switched to yet. */
  #opened: Page[] = []
  /** The frame that sentences act in. */
  #frame: string | undefined
  #answers: DialogAnswer[] = []
  #dialog: { message: string } | undefined
  #download: Download | undefined
  #longestWait: number | undefined
  #expect = expect
  /** Counts the sentences that act on a page. */
  #acts = 0
  readonly #requests = new WeakMap<Request, number>()
  /** The responses since the last sentence that acted. */
  #responses: Response[] = []

  constructor(first: Page) {
    this.#visited = [first]
    this.#watch(first)
    first.context().on('page', page => {
      this.#opened.push(page)
      this.#watch(page)
    })
  }

  /** The following sentences wait at most this long for a page, in milliseconds; undefined: as if the scenario does not say it. */
  waitAtMost(longest: number | undefined): void {
    this.#longestWait = longest
    // To Playwright, 0 is no limit.
    const timeout = longest === undefined ? undefined : Math.max(1, longest)
    this.#expect = timeout === undefined ? expect : expect.configure({ timeout })
    // Of actions; navigations have a timeout of their own.
    this.page.context().setDefaultTimeout(timeout ?? test.info().project.use.actionTimeout ?? 0)
  }

  /** Runs sentences of a login. How long they wait is their own. */
  async withOwnWait(sentences: () => Promise<void>): Promise<void> {
    const longest = this.#longestWait
    await sentences()
    if (this.#longestWait !== longest) this.waitAtMost(longest)
  }

  /** How long a sentence waits, in milliseconds. @param usual If the scenario does not say it. */
  wait(usual = patience): number {
    return this.#longestWait ?? usual
  }

  /** Playwright's `expect`, whose assertions wait as long as the scenario says. */
  get expect(): typeof expect {
    return this.#expect
  }

  /** The current tab. */
  get page(): Page {
    const open = this.#visited.filter(page => !page.isClosed()).at(-1)
    if (!open) throw new Error('All tabs are closed: open one with Open above this line.')
    return open
  }

  /** All tabs that are open. */
  get tabs(): Page[] {
    return this.page.context().pages()
  }

  /** What elements are searched in: the current tab, or a frame in it. */
  async scope(): Promise<Page | Frame> {
    const name = this.#frame
    if (name === undefined) return this.page
    const frame = await until(this.wait(), () => frameNamed(this.page, name))
    if (frame) return frame
    const names = await Promise.all(this.page.frames().slice(1).map(namesOf))
    const known = names.map(([first]) => JSON.stringify(first ?? '')).join(', ') || 'none'
    throw new Error(`There is no frame ${JSON.stringify(name)} on the page; its frames: ${known}.`)
  }

  /** The content of the current tab or frame. */
  async body(): Promise<Locator> {
    return (await this.scope()).locator('body')
  }

  /** Throws an error with the nearest elements if the element does not appear. */
  async find(element: Element, kind?: Kind, wait = this.wait()): Promise<Locator> {
    return find(await this.scope(), element, kind, wait)
  }

  /** Runs what a sentence does to the page. Responses to earlier requests are forgotten. */
  async act<T>(action: (page: Page) => Promise<T>): Promise<T> {
    this.#acts++
    this.#responses = []
    return action(this.page)
  }

  /** Finds an element and acts on it. */
  async actOn(element: Element, action: (found: Locator) => Promise<unknown>, kind?: Kind): Promise<void> {
    const found = await this.find(element, kind)
    await this.act(() => action(found))
  }

  /** Opens a URL in the current tab. */
  async open(url: string): Promise<void> {
    this.#frame = undefined
    await this.act(page => page.goto(url))
  }

  async openTab(url: string): Promise<void> {
    await this.act(async page => {
      const tab = await page.context().newPage()
      this.#enter(tab)
      await tab.goto(url)
    })
  }

  /** Switches to the tab that was opened last. Throws an error if none was opened since the last switch. */
  async enterNewTab(): Promise<void> {
    const tab = await until(this.wait(), async () => this.#opened.findLast(page => !page.isClosed()))
    if (!tab) {
      throw new Error(`No new tab was opened after ${this.wait() / 1000} s; the open tabs: ${await this.#tabTexts()}.`)
    }
    this.#enter(tab)
    await tab.waitForLoadState('domcontentloaded')
  }

  /** Switches to the tab whose title or address contains the text. */
  async enterTab(text: string): Promise<void> {
    const tab = await until(this.wait(), async () => {
      for (const page of this.tabs) if (page.url().includes(text) || (await page.title()).includes(text)) return page
      return undefined
    })
    if (!tab) {
      throw new Error(
        `There is no tab whose title or address contains ${JSON.stringify(text)}; the open tabs: ${await this.#tabTexts()}.`,
      )
    }
    this.#enter(tab)
  }

  /** Closes the current tab, and goes back to the one before. */
  async closeTab(): Promise<void> {
    this.#frame = undefined
    const closed = this.page
    await closed.close()
    const [other] = closed.context().pages()
    if (this.#visited.every(page => page.isClosed()) && other) this.#visited.push(other)
  }

  /** The following sentences act in this frame, or in the page again. */
  async enterFrame(name: string | undefined): Promise<void> {
    this.#frame = name
    await this.scope()
  }

  /** How to answer the next dialog; the default is to dismiss it, as Playwright does. */
  answerNextDialog(answer: DialogAnswer): void {
    this.#answers.push(answer)
  }

  /** The message of the last dialog. Waits for one if there was none. */
  async dialogMessage(): Promise<string> {
    const dialog = await until(this.wait(), async () => this.#dialog)
    if (!dialog) throw new Error(`The page has shown no dialog after ${this.wait() / 1000} s.`)
    return dialog.message
  }

  /** The last download. Waits for one if there was none. */
  async lastDownload(): Promise<Download> {
    const download = await until(this.wait(), async () => this.#download)
    if (!download) throw new Error(`No download has begun after ${this.wait() / 1000} s.`)
    return download
  }

  /** Runs an action that begins a download. */
  async download(begin: () => Promise<unknown>): Promise<void> {
    this.#download = undefined
    await this.act(begin)
    await this.lastDownload()
  }

  /** Waits for a response to a request that was sent since the last sentence that acted. Undefined if there is none. */
  response(accepts: (response: Response) => boolean, wait: number): Promise<Response | undefined> {
    return until(wait, async () => this.#responses.find(accepts))
  }

  /** Such as `GET /orders 200`, for a message. */
  get responseTexts(): string[] {
    return this.#responses.map(
      response => `${response.request().method()} ${shortUrl(response.url(), this.page.url())} ${response.status()}`,
    )
  }

  #enter(page: Page): void {
    this.#frame = undefined
    this.#opened = this.#opened.filter(other => other !== page)
    this.#visited.push(page)
  }

  #watch(page: Page): void {
    page.on('dialog', dialog => void this.#answer(dialog))
    page.on('download', download => {
      this.#download = download
    })
    page.on('request', request => this.#requests.set(request, this.#acts))
    page.on('response', response => {
      if ((this.#requests.get(response.request()) ?? 0) === this.#acts) this.#responses.push(response)
    })
  }

  async #answer(dialog: Dialog): Promise<void> {
    // As Playwright answers it if there is no listener.
    const isLeaving = dialog.type() === 'beforeunload'
    const answer = isLeaving ? { accept: true as const } : (this.#answers.shift() ?? { accept: false as const })
    if (!isLeaving) this.#dialog = { message: dialog.message() }
    // The page may be closed meanwhile.
    await (answer.accept ? dialog.accept('text' in answer ? answer.text : undefined) : dialog.dismiss()).catch(
      () => undefined,
    )
  }

  async #tabTexts(): Promise<string> {
    const titles = await Promise.all(
      this.tabs.map(async page => `${JSON.stringify(await page.title())} (${page.url()})`),
    )
    return titles.join(', ')
  }
}

/** A frame at any depth, by its title, name, label, id or URL. */
async function frameNamed(page: Page, name: string): Promise<Frame | undefined> {
  for (const frame of page.frames().slice(1)) {
    if ((await namesOf(frame)).some(one => one === name) || frame.url().endsWith(name)) return frame
  }
  return undefined
}

async function namesOf(frame: Frame): Promise<string[]> {
  const attributes = ['title', 'aria-label', 'name', 'id', 'src']
  try {
    const element = await frame.frameElement()
    const names = await Promise.all(attributes.map(name => element.getAttribute(name)))
    return names.filter((name): name is string => name !== null && name !== '')
  } catch {
    // A frame can be removed at any time.
    return []
  }
}

function shortUrl(url: string, base: string): string {
  return URL.canParse(base) && new URL(base).origin === new URL(url).origin
    ? url.slice(new URL(url).origin.length)
    : url
}
