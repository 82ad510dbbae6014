/** Sentences about uploads and downloads. */
import { existsSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Page, test } from '@playwright/test'
import { type Element, elementText } from '../../compile/element.ts'
import type { JsonValue } from '../../parse/json/json.ts'
import { assertThat } from '../../run/assertion.ts'
import type { RunningScenario } from '../../run/running-scenario.ts'
import { pagesOf } from '../../run/scenario-pages.ts'
import { defineSentence } from '../define-sentence.ts'

export const files = [
  defineSentence(
    'Upload {value} To {element}',
    ({ page, scenario }, names, element) => upload(page, scenario, names, element),
    {
      meaning:
        'chooses a file, or a list of files, for a field or a button; their paths are relative to the folder of this file',
      example: 'Upload "cat.png" To "Picture"',
    },
  ),
  defineSentence(
    'Download {element}',
    async ({ page }, element) => {
      const pages = pagesOf(page)
      const found = await pages.find(element)
      await pages.download(() => found.click())
    },
    {
      meaning: 'clicks an element, and waits for the download that it begins, for at most 5 s',
      example: 'Download link "Export"',
    },
  ),
  defineSentence(
    'The Download Should Be Named {string}',
    async ({ page }, wanted) => {
      const download = await pagesOf(page).lastDownload()
      const claim = { subject: 'the download', words: 'should be named', wanted }
      assertThat(download.suggestedFilename(), claim, it => it.toBe(wanted))
    },
    { meaning: 'the last download has this file name', example: 'The Download Should Be Named "users.csv"' },
  ),
  defineSentence(
    'The Download Should Contain {string}',
    async ({ page }, wanted) => {
      const claim = { subject: 'the download', words: 'should contain', wanted }
      assertThat(await textOfDownload(page), claim, it => it.toContain(wanted))
    },
    { meaning: 'the last download, read as UTF-8, contains this text', example: 'The Download Should Contain "Ada"' },
  ),
  defineSentence(
    'Save The Download As {name}',
    async ({ page, scenario }, name) => scenario.variables.set(name, await textOfDownload(page)),
    { meaning: 'stores the text of the last download', example: 'Save The Download As csv' },
  ),
  defineSentence(
    'Attach The Download As {string}',
    async ({ page }, name) => {
      const info = test.info()
      const file = info.outputPath(path.basename(name))
      await copyFile(await fileOfDownload(page), file)
      await info.attach(path.basename(name), { path: file })
    },
    { meaning: 'adds the last download to the report, under this name', example: 'Attach The Download As "users.csv"' },
  ),
]

async function upload(page: Page, { folder }: RunningScenario, given: JsonValue, element: Element): Promise<void> {
  const chosen = [given].flat().map(name => fileAt(folder, name))
  const pages = pagesOf(page)
  await pages.actOn(
    element,
    async found => {
      if (await found.evaluate(it => it instanceof HTMLInputElement && it.type === 'file')) {
        return found.setInputFiles(chosen)
      }
      const opened = pages.page.waitForEvent('filechooser', { timeout: 0 }).catch(() => undefined)
      await found.click()
      const chooser = await Promise.race([opened, delay(pages.wait(), undefined, { ref: false })])
      if (!chooser) {
        throw new Error(`${elementText(element)} has opened no dialog for files after ${pages.wait() / 1000} s.`)
      }
      await chooser.setFiles(chosen)
    },
    element.role === undefined ? 'any' : 'field',
  )
}

/** @param folder That of the file whose sentence names it. */
function fileAt(folder: string, name: JsonValue): string {
  if (typeof name !== 'string') {
    throw new Error('A file must be a text, such as "cat.png", and several a list: ["cat.png", "dog.png"].')
  }
  const file = path.resolve(folder, name)
  if (!existsSync(file)) throw new Error(`There is no file ${file}: its path is relative to the folder of this file.`)
  return file
}

async function textOfDownload(page: Page): Promise<string> {
  return readFile(await fileOfDownload(page), 'utf8')
}

/** Waits for its end. */
async function fileOfDownload(page: Page): Promise<string> {
  const download = await pagesOf(page).lastDownload()
  const reason = await download.failure()
  if (reason !== null) throw new Error(`The download ${download.suggestedFilename()} has failed: ${reason}.`)
  return download.path()
}
