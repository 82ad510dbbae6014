/** The sentences that repeat another sentence, or send a request at the end. */
import { at, type Translations } from './translation.ts'

export const flow: Translations = {
  'Retry Until {sentence} For {duration}': (code, values, inner) => {
    const timeout = code.timeout(at(values, 1))
    code.line(`test.setTimeout(test.info().timeout + ${timeout})`)
    code.line('await expect(async () => {')
    code.inBlock(() => {
      if (code.lastRequest !== undefined) code.line(code.lastRequest)
      inner(at(values, 0))
    })
    code.line(`}).toPass({ timeout: ${timeout} })`)
  },
  'Afterwards {method} {url}': (code, values) => {
    const url = code.url(at(values, 1))
    const method = code.word(at(values, 0)).toUpperCase()
    const text = /^['"]/.test(url)
      ? `${url[0]}${method} ${url.slice(1)}`
      : url.startsWith('`')
        ? `\`${method} ${url.slice(1)}`
        : `\`${method} \${${url}}\``
    code.line(`await ${code.use('cleanup')}(${text})`)
  },
}
