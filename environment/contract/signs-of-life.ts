/** Defines where the workers of a monitor's run give signs of life. */

/** The environment variable with the path of the workers' files, to which each adds `-` and its index. */
export const signsVariable = 'REPRISE_SIGNS_OF_LIFE'
