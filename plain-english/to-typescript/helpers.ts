/** The functions that a spec in TypeScript gets if its tests call them. */

const env = `function env(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(\`The environment variable \${name} is not set.\`)
  return value
}`

const tabWith = `/** The tab whose title or address contains the text; waits for it. */
async function tabWith(page: Page, text: string, timeout = 5000): Promise<Page> {
  const found: Page[] = []
  await expect(async () => {
    for (const tab of page.context().pages()) {
      if (tab.url().includes(text) || (await tab.title()).includes(text)) found.push(tab)
    }
    expect(found, \`tabs with \${text}\`).not.toEqual([])
  }).toPass({ timeout })
  const [tab] = found
  if (!tab) throw new Error(\`There is no tab with \${text}.\`)
  return tab
}`

const watchDialogs = `/** Gives the answers to the next dialogs, in order, and dismisses those without one. */
function watchDialogs(page: Page) {
  const answers: ((dialog: Dialog) => Promise<void>)[] = []
  const messages: string[] = []
  page.context().on('dialog', async dialog => {
    if (dialog.type() === 'beforeunload') return dialog.accept()
    messages.push(dialog.message())
    const answer = answers.shift() ?? (it => it.dismiss())
    // The page may be closed meanwhile.
    await answer(dialog).catch(() => undefined)
  })
  return { answers, messages }
}`

/** In the order of the spec, with the types of Playwright that each names. */
const all = {
  env: { code: env, types: [] },
  tabWith: { code: tabWith, types: ['Page'] },
  watchDialogs: { code: watchDialogs, types: ['Dialog', 'Page'] },
}

export type Helper = keyof typeof all

export function helperCode(names: ReadonlySet<Helper>): { code: string[]; types: string[] } {
  const used = Object.entries(all).flatMap(([name, helper]) => ([...names].some(one => one === name) ? [helper] : []))
  return { code: used.map(({ code }) => code), types: [...new Set(used.flatMap(({ types }) => types))].sort() }
}
