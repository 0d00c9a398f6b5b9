/**
 * The flags of DynamoDB Local as ours, so that `dynafile serve` can stand in its place in a script. They are long names
 * behind one hyphen: `-port 8000 -inMemory -sharedDb`. Whatever stands before them, such as Java's own arguments, is the
 * script's to change.
 */

/** Where DynamoDB Local would keep its file; a folder here. */
export const LOCAL_FOLDER = 'dynafile-local'

interface Flag {
  readonly takesValue: boolean
  readonly translate: (value: string | undefined) => readonly string[]
}

const FLAGS: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  ['-port', { takesValue: true, translate: (port) => ['--port', port ?? ''] }],
  ['-cors', { takesValue: true, translate: (origins) => ['--cors', origins ?? ''] }],
  ['-inMemory', { takesValue: false, translate: () => ['--memory'] }],
  ['-dbPath', { takesValue: true, translate: (folder) => [folder ?? ''] }],
  ['-delayTransientStatuses', { takesValue: false, translate: () => ['--table-delay', '1000'] }],
  // Here there is one database for all credentials and regions, nothing to prepare and nobody who is told anything.
  ['-sharedDb', { takesValue: false, translate: () => [] }],
  ['-optimizeDbBeforeStartup', { takesValue: false, translate: () => [] }],
  ['-disableTelemetry', { takesValue: false, translate: () => [] }],
  ['-help', { takesValue: false, translate: () => ['--help'] }],
])

/** Ours that stand alone; a value follows any other, unless it is in the same argument. */
const ALONE: ReadonlySet<string> = new Set(['--memory', '--console', '--help', '-h'])

/** Those that say where the data is, or that there will be none. */
const PLACES: ReadonlySet<string> = new Set(['-inMemory', '-dbPath', '-help', '--memory', '--help', '-h'])

/** The arguments of `serve` with those of DynamoDB Local translated. Ours are left as they are. */
export function fromLocalFlags(argv: readonly string[]): readonly string[] {
  if (!argv.some((argument) => FLAGS.has(argument))) return argv
  const translated: string[] = []
  let hasPlace = false
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!
    const flag = FLAGS.get(argument)
    // What is neither a flag nor a flag's value is the folder.
    if (PLACES.has(argument) || !argument.startsWith('-') || argument === '--') hasPlace = true
    if (flag !== undefined) translated.push(...flag.translate(flag.takesValue ? argv[++i] : undefined))
    else {
      translated.push(argument)
      if (takesValue(argument) && i + 1 < argv.length) translated.push(argv[++i]!)
    }
  }
  // DynamoDB Local keeps its data where it was started, unless it is told otherwise.
  return hasPlace ? translated : [...translated, LOCAL_FOLDER]
}

function takesValue(argument: string): boolean {
  return argument.startsWith('--') && argument !== '--' && !argument.includes('=') && !ALONE.has(argument)
}
