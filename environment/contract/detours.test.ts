import { expect, test } from '../../testing/test.ts'
import { takesDetour } from './detours.ts'

const proxy = { server: 'http://proxy:3128' }

for (const [what, options, expected] of [
  ['a proxy of a context', { proxy }, true],
  ['a proxy of the options of contexts', { contextOptions: { proxy } }, true],
  ['a proxy of a browser', { launchOptions: { proxy } }, true],
  ['a proxy that a function gives', { proxy: async () => undefined }, true],
  ['launch options that a function gives', { launchOptions: [async () => undefined, { scope: 'worker' }] }, true],
  ['a proxy in a list with its scope', { proxy: [proxy, { option: true }] }, true],
  [
    'a resolver of host names',
    { launchOptions: { args: ['--mute-audio', '--host-resolver-rules=MAP * 10.0.0.1'] } },
    true,
  ],
  ['a resolver of host names at a launch', { args: ['--host-resolver-rules=MAP * 10.0.0.1'] }, true],
  ['an argument that names a proxy', { args: ['--proxy-pac-url=http://proxy/pac'] }, true],
  ['preferences of Firefox', { launchOptions: { firefoxUserPrefs: { 'network.proxy.type': 1 } } }, true],
  ['a browser elsewhere', { connectOptions: { wsEndpoint: 'ws://grid' } }, true],
  [
    'other options',
    { baseURL: 'http://a', launchOptions: { args: ['--mute-audio'], headless: true }, contextOptions: {} },
    false,
  ],
  ['options that are not set', { proxy: undefined, connectOptions: [undefined, { scope: 'worker' }] }, false],
  ['nothing', undefined, false],
] as const)
  test(`${what}: ${expected ? 'a detour' : 'no detour'}`, () => {
    expect(takesDetour(options)).toBe(expected)
  })
