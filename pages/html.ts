/**
 * HTML templates: interpolated text is escaped, and shows the characters that would change how others are read; interpolated
 * templates are not changed.
 */
import { visible } from './text.ts'

export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Content = Html | string | number | false | readonly Content[] | undefined

export function html(strings: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(strings.reduce((text, string, index) => text + textOf(contents[index - 1]) + string))
}

/** Style sheets for a `<style>` element, in which nothing may be escaped. They are files of this package. */
export const styles = (sheets: readonly string[]): Html => new Html(sheets.join('\n'))

function textOf(content: Content): string {
  if (content === undefined || content === false) return ''
  if (content instanceof Html) return content.text
  if (typeof content === 'string' || typeof content === 'number') return escaped(String(content))
  return content.map(textOf).join('')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string) => visible(text).replace(/[&<>"']/g, character => entities[character] ?? '')
