/** How something was refused: the code and the sentence of its error, or that it was accepted. */
import { ValidationException } from '../../src/index.js'

export function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (failure) {
    if (failure instanceof ValidationException) return `${failure.code}: ${failure.message}`
    throw failure
  }
  return 'accepted'
}

/** Only the sentence. */
export function sentenceOf(act: () => unknown): string {
  return refusalOf(act).replace(/^[A-Z_]+: /, '')
}
