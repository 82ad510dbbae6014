import { expect, test } from '../testing/test.ts'
import { readEnvironment } from './environment.ts'

const DATABASE_URL = 'postgres://localhost/sample'

test('the host and the port have defaults, also if they are empty', () => {
  const expected = { host: '127.0.0.1', port: 3000, databaseUrl: DATABASE_URL, mail: undefined }
  expect(readEnvironment({ DATABASE_URL })).toEqual(expected)
  expect(readEnvironment({ DATABASE_URL, HOST: '', PORT: '', MAIL_URL: '' })).toEqual(expected)
})

test('port 0 means any free port', () => {
  expect(readEnvironment({ DATABASE_URL, PORT: '0' }).port).toBe(0)
})

for (const PORT of ['65536', '-1', '80.5', '3000 ', '0x50', '1e3', 'http']) {
  test(`PORT=${JSON.stringify(PORT)} is an error with the value and a remedy`, () => {
    expect(() => readEnvironment({ DATABASE_URL, PORT })).toThrow(
      `PORT is ${JSON.stringify(PORT)}. Set it to a whole number`,
    )
  })
}

test('mails are sent if there is a server, with the URL of the app in their links', () => {
  const MAIL_URL = 'smtp://localhost:1025'
  const mailOf = (more: Record<string, string>) => readEnvironment({ DATABASE_URL, MAIL_URL, ...more }).mail
  expect(mailOf({})).toEqual({ smtpUrl: MAIL_URL, publicUrl: 'http://127.0.0.1:3000' })
  expect(mailOf({ PUBLIC_URL: 'https://api.example.com/' })?.publicUrl).toBe('https://api.example.com')
  const found = () => mailOf({ MAIL_URL: 'http://u:hunter2@localhost' })
  expect(found).toThrow('MAIL_URL begins with "http:". Set it to the URL of an SMTP server')
  expect(found).toThrow(/^((?!hunter2).)*$/)
})

test('one error has all faults', () => {
  const faults = () => readEnvironment({ PORT: 'x' })
  expect(faults).toThrow(/PORT is "x"/)
  expect(faults).toThrow(/DATABASE_URL is not set/)
})

test('the error for an invalid DATABASE_URL does not contain it, since it may contain a password', () => {
  expect(() => readEnvironment({ DATABASE_URL: 'mysql://u:hunter2@localhost/x' })).toThrow(/^((?!hunter2).)*$/)
  expect(() => readEnvironment({ DATABASE_URL: 'u:hunter2@localhost' })).toThrow(/DATABASE_URL begins with "u:"/)
})
