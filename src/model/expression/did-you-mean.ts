/** What somebody probably meant by a word nobody knows: the nearest known one, or nothing rather than a wild guess. */

/** `did you mean "size"?`, or `undefined` when no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const nearest = nearestWord(word, known)
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`
}

/** The known word that is at most a third of its letters away; the first of several. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const wanted = plain(word)
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  if (wanted.length > 40) return undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance < bestDistance && distance <= Math.ceil(candidate.length / 3)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Case and separators are the usual difference: `begins_with`, `beginsWith`, `BEGINS-WITH`. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(substituted, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return previous[b.length]!
}
