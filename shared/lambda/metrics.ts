/** Values of metrics, by name, that one organisation's work gave: those of a metric are counted apart. */
export type Measured = Readonly<Record<string, readonly number[]>>;

/** Measures something of an organisation. */
export type Measure = (organisation: string, measured: Measured) => void;

/** CloudWatch takes so many values of a metric in one line (embedded metric format specification). */
const MOST_VALUES = 100;

/**
 * Metrics in the embedded metric format: one line of JSON on standard output, which CloudWatch reads out of the log. No library, and no call.
 * @param service name of the function
 * @param units of metrics, by name: what is not among them is not measured
 */
export function createMeasure(
  {
    namespace,
    service,
    units,
  }: { namespace: string; service: string; units: Readonly<Record<string, 'Count' | 'Milliseconds'>> },
  now: () => number = Date.now,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Measure {
  return (organisation, measured) => {
    const names = Object.keys(measured).filter((name) => units[name] !== undefined && measured[name]!.length > 0);
    const lines = Math.ceil(Math.max(0, ...names.map((name) => measured[name]!.length)) / MOST_VALUES);
    for (let line = 0; line < lines; line++) {
      const values = names.flatMap((name) => {
        const part = measured[name]!.slice(line * MOST_VALUES, (line + 1) * MOST_VALUES);
        return part.length === 0 ? [] : [[name, part.length === 1 ? part[0] : part] as const];
      });
      const directive = {
        Namespace: namespace,
        Dimensions: [['service', 'organisation']],
        Metrics: values.map(([Name]) => ({ Name, Unit: units[Name] })),
      };
      const _aws = { Timestamp: now(), CloudWatchMetrics: [directive] };
      write(`${JSON.stringify({ _aws, service, organisation, ...Object.fromEntries(values) })}\n`);
    }
  };
}
