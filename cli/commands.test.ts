import { expect, test } from '../testing/test.ts'
import { callCommand } from './testing/called-command.ts'

async function run(...args: string[]) {
  const { code, stdout, stderr } = await callCommand(args)
  return { code, printed: stdout.trimEnd(), complained: stderr.trimEnd() }
}

for (const args of [['--help'], ['-h']]) {
  test(`${args.join(' ')} prints the commands`, async () => {
    const { code, printed, complained } = await run(...args)
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
    expect(printed).toMatch(/^Usage: .*\n\nCommands:\n {2}init /)
  })
}

for (const command of [
  'monitor alert-test',
  'monitor heartbeat',
  'monitor rehearse',
  'monitor run',
  'monitor start',
  'monitor status',
  'monitor validate',
  'plain-english check',
  'plain-english sentences',
  'sample',
  'sandbox',
  'start',
  'sweep',
]) {
  test(`${command} --help prints its usage, with examples`, async () => {
    const { code, printed, complained } = await run(...command.split(' '), '--help')
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
    expect(printed).toMatch(new RegExp(`^Usage: npx reprise ${command}`))
    expect(printed).toContain('\n\nExamples:\n  ')
  })
}

for (const word of ['monitor', 'plain-english']) {
  test(`${word} --help prints the commands that begin with it`, async () => {
    const { code, printed = '' } = await run(word, '--help')
    expect(code).toBe(0)
    const names = printed.match(/^ {2}\S+/gm) ?? []
    expect([...new Set(names)]).toEqual([`  ${word}`])
  })
}

test('the suggestion for a mistyped first word takes the second into account, and the commands are listed once', async () => {
  expect((await run('monitr', 'run')).complained).toMatch(
    /^There is no command "monitr run"; did you mean monitor run\?\n\nUsage: /,
  )
  expect((await run('sampel', 'at', 'once')).complained).toMatch(
    /^There is no command "sampel"; did you mean sample\?\n/,
  )
  const { complained = '' } = await run('nothing-like-it')
  expect(complained).toMatch(/^There is no command "nothing-like-it"\.\n/)
  expect(complained.match(/plain-english check/g)).toHaveLength(1)
})

test('without a command the usage is printed, as an error', async () => {
  const { code, printed, complained } = await run()
  expect({ code, printed }).toEqual({ code: 2, printed: '' })
  expect(complained).toMatch(/^No command was given\.\n\nUsage: /)
})

test('the error for an unknown command has its name', async () => {
  const { code, complained } = await run('samples')
  expect(code).toBe(2)
  expect(complained).toMatch(/^There is no command "samples"; did you mean sample\?\n\nUsage: /)
})

test('the error for the first word of a command lists the second words', async () => {
  expect((await run('monitor')).complained).toMatch(
    /^monitor needs a second word: monitor acknowledge, monitor advise, monitor alert-test, .*, monitor unmute or monitor validate\.\n/,
  )
  expect((await run('monitor', 'rnu')).complained).toMatch(
    /^There is no command "monitor rnu"; did you mean monitor run\?\n/,
  )
})

test('the error for an unknown argument has its name', async () => {
  const { code, complained } = await run('sample', '--port', '8080')
  expect(code).toBe(2)
  expect(complained).toBe('sample has no option --port; there is --json')
})
