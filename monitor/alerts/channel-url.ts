/** Validates the URL of a channel. */
import { text } from '../schema-parts.ts'

export const channelUrl = text('write a URL, or secret("NAME") for one in the environment')
