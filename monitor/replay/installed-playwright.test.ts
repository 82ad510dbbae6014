import { writeFiles } from '../../testing/project-folder.ts'
import { expect, test } from '../../testing/test.ts'
import { playwrightCommandLine } from './installed-playwright.ts'

test('the remedy for another Playwright is a command of the package manager of the workspace', async ({}, info) => {
  const installed = 'packages/api/node_modules/@playwright/test'
  await writeFiles(info.outputPath(), {
    'pnpm-lock.yaml': '',
    [`${installed}/package.json`]: '{ "version": "1.50.1" }',
    [`${installed}/cli.js`]: '',
  })
  const folder = info.outputPath('packages/api')
  expect(() => playwrightCommandLine(folder)).toThrow(
    `@playwright/test 1.50.1 is installed in ${folder}, and Reprise needs >=1.57 <2: pnpm add -D @playwright/test@latest there.`,
  )
})
