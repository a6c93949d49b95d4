import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { decodeContribution, encodeContribution } from '../../../shared/record/codec.ts';
import { draftContribution } from '../../../shared/record/draft.ts';
import { emptyFold } from '../../../shared/record/fold.ts';
import { draftOf, fragmentId, personId } from './histories.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
/** What one collection finds unused, the next one gives back. */
const collectGarbage = () => {
  gc();
  gc();
};

const DECODED = 2_000;
/** A contribution of one fragment is stored in some 200 bytes. */
const MOST_BYTES_EACH = 2_000;

test('a contribution that is remembered does not hold on to the buffers that it was read through', () => {
  const subject = personId('held memory');
  const by = { contributor: 'uhd', client: 'client', source: 'main', requestId: 'request' };
  const draft = draftContribution(emptyFold(subject), by, [draftOf(fragmentId('uhd', 1), 'x')], '2026-01-01T00:00:00.000Z');
  if (!('contribution' in draft) || draft.contribution === undefined) throw new Error('nothing was drafted');
  const { manifest, body } = encodeContribution(draft.contribution);
  const decode = () =>
    // As an SDK hands it over: cut out of a pool that much else was cut out of.
    decodeContribution({ subject, sequence: 1, manifest: inLargeBuffer(manifest), body: inLargeBuffer(body!) });
  decode();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const remembered = Array.from({ length: DECODED }, decode);
  collectGarbage();
  const heldBytes = process.memoryUsage().arrayBuffers - before;
  expect(remembered).toHaveLength(DECODED);
  expect(heldBytes / DECODED).toBeLessThan(MOST_BYTES_EACH);
});

function inLargeBuffer(bytes: Buffer): Buffer {
  const large = Buffer.alloc(8_192);
  bytes.copy(large, 100);
  return large.subarray(100, 100 + bytes.byteLength);
}
