import { readCommandLine } from '../command-line.ts';

export interface StartOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  readonly dataDir: string;
  /** Directory and logins, but no persons. */
  readonly empty: boolean;
  readonly people: number;
}

export const USAGE = `npm start -- [--port N] [--data DIR] [--empty] [--people N]

  --port N     port of the API on 127.0.0.1; 0 takes any that is free (default 3000)
  --data DIR   where everything is kept; start again with it and nothing is lost (default .local)
  --empty      load no demo population
  --people N   how many people the demo has (default 100)
  --help       this text

DYNAMODB_ENDPOINT names an engine that is already running; without it one is started.`;

const MOST_PORT = 65_535;

/**
 * Reads the arguments of `npm start`.
 *
 * @returns what to do, or what to say about the arguments
 */
export function readOptions(argv: readonly string[]): StartOptions | { readonly say: string; readonly exitCode: number } {
  try {
    const { values } = readCommandLine({
      args: argv,
      options: {
        port: { type: 'string', default: '3000' },
        data: { type: 'string', default: '.local' },
        empty: { type: 'boolean', default: false },
        people: { type: 'string', default: '100' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { say: USAGE, exitCode: 0 };
    return {
      port: readNumber('--port', values.port, MOST_PORT),
      dataDir: values.data,
      empty: values.empty,
      people: readNumber('--people', values.people, Number.MAX_SAFE_INTEGER),
    };
  } catch (error) {
    return { say: `${(error as Error).message}\n\n${USAGE}`, exitCode: 2 };
  }
}

function readNumber(flag: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most) throw new Error(`${flag} takes a whole number up to ${most}, not "${text}".`);
  return number;
}
