/** The tables of the whole repository. */
export { default } from '../preset/dynafile.config.mjs'
