import { expect, test } from '@playwright/test'
import { projectType } from './child-environment.ts'

test('a small project is of type module only if a file uses what CommonJS does not have', () => {
  const typeWith = (text: string) => projectType({ 'a.spec.ts': '', 'b.spec.ts': text })
  expect(typeWith("test('a', async () => {\n  await one() })")).toBe('commonjs')
  expect(typeWith('const folder = import.meta.dirname')).toBe('module')
  expect(typeWith('await one()')).toBe('module')
  expect(typeWith('const first = await one()')).toBe('module')
  expect(typeWith("(await import('node:fs')).chmodSync('a', 0o755)")).toBe('module')
  expect(typeWith('if (isSlow) await one()')).toBe('module')
})
