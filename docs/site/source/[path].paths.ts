/** Makes a page of each file and folder that a page links to, so that the links work in the site as on GitHub. */
import { linkedSources } from '../pages.ts'

export default {
  paths: () => linkedSources().map(({ path, content }) => ({ params: { path }, content })),
}
