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

/** The arguments of `serve` with those of DynamoDB Local translated. Ours are left as they are. */
export function fromLocalFlags(argv: readonly string[]): readonly string[] {
  if (!argv.some((argument) => FLAGS.has(argument))) return argv
  const translated: string[] = []
  let hasPlace = !argv[0]!.startsWith('-')
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!
    const flag = FLAGS.get(argument)
    if (flag === undefined) translated.push(argument)
    else translated.push(...flag.translate(flag.takesValue ? argv[++i] : undefined))
    if (argument === '-inMemory' || argument === '-dbPath' || argument === '-help') hasPlace = true
  }
  // DynamoDB Local keeps its data where it was started, unless it is told otherwise.
  return hasPlace ? translated : [...translated, LOCAL_FOLDER]
}
