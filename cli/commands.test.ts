import { expect, test } from '@playwright/test'
import { runCommand } from './commands.ts'

async function run(...args: string[]) {
  const [printed, complained]: string[][] = [[], []]
  const code = await runCommand({
    args,
    env: {},
    print: text => printed?.push(text),
    complain: text => complained?.push(text),
    stopRequest: async () => undefined,
  })
  return { code, printed: printed?.join('\n'), complained: complained?.join('\n') }
}

for (const args of [['--help'], ['-h'], ['sample', '--help']]) {
  test(`${args.join(' ')} prints the usage`, async () => {
    const { code, printed, complained } = await run(...args)
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
    expect(printed).toMatch(/^Usage: .*\n\nCommands:\n {2}sample /)
  })
}

test('no command is a mistake, answered with the usage', async () => {
  const { code, printed, complained } = await run()
  expect({ code, printed }).toEqual({ code: 2, printed: '' })
  expect(complained).toMatch(/^No command was given\.\n\nUsage: /)
})

test('a command that does not exist is named', async () => {
  const { code, complained } = await run('samples')
  expect(code).toBe(2)
  expect(complained).toMatch(/^There is no command "samples"\.\n\nUsage: /)
})

test('what a command does not take is named', async () => {
  const { code, complained } = await run('sample', '--port', '8080')
  expect(code).toBe(2)
  expect(complained).toBe('sample takes no argument, but got "--port 8080". See --help.')
})
