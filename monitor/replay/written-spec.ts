/** Recognizes specs that Playwright cannot load itself, such as those in English: a generated spec runs each of them. */

/** Whether a file is such a one. */
export function needsWrittenSpec(file: string): boolean {
  return !/\.[cm]?[jt]sx?$/.test(file)
}

/** Of a regular expression: what follows the file's relative path in the name of the spec, which stands in a folder of its own. */
export const writtenSuffix = String.raw`\.spec\.js`
