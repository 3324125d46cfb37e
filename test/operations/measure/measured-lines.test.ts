import { describe, expect, it } from 'vitest';
import { adviceLines, measuredLine } from '../../../src/operations/measure/measured-lines.ts';
import type { Measured } from '../../../src/operations/measure/measurement.ts';

const loginServer = 'contoso.azurecr.io';
const regenerated = (newAlwaysFrom: number): Measured => ({
  what: 'regenerated',
  loginServer,
  figures: {
    newFirstAccepted: 8_200,
    newAlwaysFrom,
    oldFirstRefused: 7_900,
    oldNeverFrom: 31_000,
    neitherFor: 0,
  },
});
const issued: Measured = {
  what: 'accessToken',
  loginServer,
  figures: { validFor: 4_500_000, refusedFrom: 4_490_000 },
};

describe('what was measured', () => {
  it('is said in a line for each login server', () => {
    expect(measuredLine(regenerated(30_400))).toBe(
      'regenerated password        contoso.azurecr.io                new one first accepted 8.2 s, always accepted from 30.4 s, old one first refused 7.9 s, always refused from 31.0 s, neither worked for 0.0 s',
    );
    expect(measuredLine({ what: 'disabled', loginServer, figures: {} })).toContain('never refused');
  });

  it('leads to a settleAfter with a margin over the slowest login server', () => {
    expect(adviceLines([regenerated(30_400), regenerated(61_000), issued])).toEqual([
      'settleAfter: at least PT100S for this registry.',
      'Access tokens outlive the disabling of their token by 4490.0 s.',
    ]);
  });

  it('says so when access tokens were let in to the end', () => {
    expect(adviceLines([])).toEqual([
      'Access tokens outlived the patience of this run: reckon with exposureUntil.',
    ]);
  });
});
