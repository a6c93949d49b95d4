import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a command takes, as `parseArgs` of Node describes it. */
type CommandOptions = NonNullable<ParseArgsConfig['options']>;

interface CommandLine<Options extends CommandOptions> {
  readonly options: Options;
  /** Words that belong to no option are taken too. */
  readonly allowPositionals?: boolean;
  /** The words behind the name of the command; those of this process unless given. */
  readonly args?: readonly string[];
}

type Parsed<Options extends CommandOptions> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: boolean; strict: true }>
>;

/**
 * Reads the options of a command. Every command uses it, because Node's own `parseArgs` refuses a value that begins with a hyphen
 * (`--head -7Qx…`, a hash in base64url; `--data -spare`). Here the word behind an option that takes a value is its value, unless that
 * word is itself an option of the command.
 *
 * @returns `values` by the name of the option, and `positionals`
 * @throws Error with a text for the person at the terminal when an option is unknown or its value is missing
 * @example readCommandLine({ options: { head: { type: 'string' } }, args: ['--head', '-7Qx'] }).values.head // '-7Qx'
 */
export function readCommandLine<const Options extends CommandOptions>({
  options,
  allowPositionals = false,
  args = process.argv.slice(2),
}: CommandLine<Options>): Parsed<Options> {
  return parseArgs({ options, allowPositionals, strict: true, args: withJoinedValues(args, options) }) as Parsed<Options>;
}

/** Writes `--name value` as `--name=value`, the one form in which `parseArgs` takes every value. */
function withJoinedValues(args: readonly string[], options: CommandOptions): string[] {
  const joined: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const [word, next] = args.slice(index, index + 2) as [string, string | undefined];
    if (word === '--') return [...joined, ...args.slice(index)];
    if (next === undefined || !takesValue(word, options) || isOption(next, options)) joined.push(word);
    else {
      joined.push(`${word}=${next}`);
      index++;
    }
  }
  return joined;
}

const takesValue = (word: string, options: CommandOptions): boolean =>
  word.startsWith('--') && options[word.slice(2)]?.type === 'string';

/** True for `--name`, `--name=value` and `-n` of an option that the command has. */
function isOption(word: string, options: CommandOptions): boolean {
  const [long] = word.split('=', 1) as [string];
  return Object.entries(options).some(
    ([name, { short }]) => long === `--${name}` || (short !== undefined && word === `-${short}`),
  );
}
