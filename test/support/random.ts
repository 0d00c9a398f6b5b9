/** The generator that random tests use, so that a failing run can be repeated from its seed. */
export { SeededRandom } from '../../src/base/seeded-random.js'
