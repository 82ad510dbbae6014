import { expect, test } from '../../testing/test.ts'
import { addressIn, appUrl } from './app-url.ts'

const hosts = { baseURL: 'http://127.0.0.1:3000', origins: ['https://shop.example.com'], allow: ['https://pay.test'] }

test('addresses of production are those of the app; only requests to other hosts are refused', () => {
  for (const [given, address] of Object.entries({
    '/users?page=2': 'http://127.0.0.1:3000/users?page=2',
    'https://shop.example.com/users': 'http://127.0.0.1:3000/users',
    'https://pay.test/': 'https://pay.test/',
  })) {
    expect(addressIn(given, undefined, hosts)).toBe(address)
    expect(appUrl(given, undefined, hosts)).toBe(address)
  }
  expect(addressIn('https://login.example.org/start', undefined, hosts)).toBe('https://login.example.org/start')
  expect(() => appUrl('https://login.example.org/start', undefined, hosts)).toThrow(
    'A request to https://login.example.org',
  )
})

test('a path of production that begins with two slashes stays in the app', () => {
  expect(appUrl('https://shop.example.com//login.example.org/a', undefined, hosts)).toBe(
    'http://127.0.0.1:3000//login.example.org/a',
  )
})
