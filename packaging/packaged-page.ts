/** Makes the pages of the repository fit the package, which has no sources, tests and examples. */
import path from 'node:path'

/**
 * Replaces links to files that the package lacks by their text.
 * @param file The page, relative to the root.
 * @param contains Whether the package has a path, relative to its root.
 */
export function packagedPage(markdown: string, file: string, contains: (path: string) => boolean): string {
  // Blocks of code stay as they are.
  const parts = markdown.split(/(^ *```[\s\S]*?^ *```$)/m)
  return parts.map((part, index) => (index % 2 === 1 ? part : replaced(part))).join('')

  function replaced(prose: string): string {
    return prose.replace(/(?<!!)\[([^[\]]+)\]\(([^()\s]+)\)/g, (link, text, target) => (isDead(target) ? text : link))
  }

  function isDead(target: string): boolean {
    const place = target.replace(/#.*/, '')
    return place !== '' && !/^[a-z]+:/.test(place) && !contains(path.join(path.dirname(file), place))
  }
}
