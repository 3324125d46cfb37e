import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessRow } from '../../../src/operations/report/access-rows.ts';
import { parseCommandLine } from '../../../src/operations/report/command-line.ts';
import { field, formatCsv } from '../../../src/operations/report/format-csv.ts';
import { formatJson } from '../../../src/operations/report/format-json.ts';
import { formatTable } from '../../../src/operations/report/format-table.ts';
import { UsageError } from '../../../src/operations/usage-error.ts';
import { repetitions } from '../../counts.ts';

const now = '2026-09-30T12:00:00.000Z';
const asOf = '2026-06-30T23:59:59.999Z';

function row(changes: Partial<AccessRow> = {}): AccessRow {
  return {
    registry: 'contoso',
    token: 'team-web',
    status: 'active',
    entrance: 'token-requests',
    owner: 'team-web',
    scopeMap: 'team-web-scope-map',
    actions: ['repositories/teams/web/content/read', 'repositories/teams/web/content/write'],
    created: '2026-01-05T10:00:00.000Z',
    createdNoLaterThan: undefined,
    lastRotated: '2026-05-02T10:00:00.000Z',
    endOfLife: undefined,
    purpose: undefined,
    changedSince: undefined,
    ...changes,
  };
}

/** Lines of fields, read as RFC 4180 writes them. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let fields: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    lines.push(fields);
    fields = [];
  }
  return lines;
}

describe('the report as CSV', () => {
  it('has a heading, one line for each token, and ends each with CR LF', () => {
    expect(
      formatCsv([row(), row({ token: 'team-api', actions: undefined, purpose: 'builds, "nightly"' })]),
    ).toBe(
      [
        'registry,token,status,created,createdNoLaterThan,lastRotated,changedSince,entrance,owner,endOfLife,scopeMap,actions,purpose',
        'contoso,team-web,active,2026-01-05T10:00:00.000Z,,2026-05-02T10:00:00.000Z,,token-requests,team-web,,team-web-scope-map,repositories/teams/web/content/read repositories/teams/web/content/write,',
        'contoso,team-api,active,2026-01-05T10:00:00.000Z,,2026-05-02T10:00:00.000Z,,token-requests,team-web,,team-web-scope-map,not readable,"builds, ""nightly"""',
        '',
      ].join('\r\n'),
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1'])(
    'lets no spreadsheet calculate %j',
    (text) => {
      expect(field(text)).toBe(`"'${text}"`);
    },
  );

  it('gives back every text, but for the apostrophe before what a spreadsheet would calculate', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 30 });
    const risky = fc.tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ','), anyText);
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          risky.map(([first, rest]) => first + rest),
        ),
        (purpose) => {
          const [, line = []] = parseCsv(formatCsv([row({ purpose })]));
          expect(line).toHaveLength(13);
          const read = line.at(-1) ?? '';
          expect([purpose, `'${purpose}`]).toContain(read);
          expect(read).not.toMatch(/^[=+\-@\t\r\n]/);
        },
      ),
      { numRuns: repetitions({ quick: 500, soak: 50_000 }) },
    );
  });
});

describe('the report as JSON', () => {
  it('says of each column of which moment it is', () => {
    const report = JSON.parse(formatJson([row()], asOf, now));
    expect(report).toMatchObject({ asOf, madeAt: now, tokens: [{ token: 'team-web', status: 'active' }] });
    expect(report.columnsAsOf).toContain('status');
    expect(report.columnsAsOfNow).toEqual([
      'changedSince',
      'entrance',
      'owner',
      'endOfLife',
      'scopeMap',
      'actions',
      'purpose',
    ]);
  });
});

describe('the report as a table', () => {
  it('shows days, actions by repository, and below it what is of which moment', () => {
    const rows = [
      row({ changedSince: '2026-08-01T00:00:00.000Z' }),
      row({
        token: 'device-one',
        status: 'unknown',
        actions: [],
        scopeMap: 'device-firmware',
        created: undefined,
        createdNoLaterThan: '2026-02-03T00:00:00.000Z',
        lastRotated: undefined,
        endOfLife: '2027-01-01T00:00:00.000Z',
      }),
    ];
    expect(formatTable(rows, asOf, now)).toBe(`\
token               status   created            last rotated  end of life  owner     entrance        actions
contoso/team-web *  active   2026-01-05         2026-05-02    -            team-web  token-requests  teams/web: content/read, content/write
contoso/device-one  unknown  before 2026-02-03  -             2027-01-01   team-web  token-requests  device-firmware (nothing)

2 tokens as of 2026-06-30T23:59:59.999Z: token, status, created and last rotated are as they were then.
End of life, owner, entrance and actions are as of now, 2026-09-30T12:00:00.000Z.
* These, or what the token is managed by, changed since then, or its history does not reach back.
`);
  });

  it('of now has nothing to explain', () => {
    expect(formatTable([], undefined, now)).toMatch(/\n\n0 tokens as of now, 2026-09-30T12:00:00\.000Z\.\n$/);
  });
});

describe('the command line of the report', () => {
  it('takes a day to its end, and a moment as it is', () => {
    expect(parseCommandLine(['access', '--as-of', '2026-06-30'])).toMatchObject({ asOf, format: 'table' });
    expect(parseCommandLine(['access', '--as-of', '2026-06-30T12:00:00+02:00'])).toMatchObject({
      asOf: '2026-06-30T10:00:00.000Z',
    });
  });

  it.each([
    [[], 'access'],
    [['usage'], 'access'],
    [['access', '--as-of', 'yesterday'], '--as-of'],
    [['access', '--as-of', '2026-02-30'], '--as-of'],
    [['access', '--format', 'xlsx'], '--format'],
    [['access', '--fromat', 'csv'], '--fromat'],
  ])('refuses %j and names what does not fit', (words, named) => {
    expect(() => parseCommandLine(words)).toThrow(UsageError);
    expect(() => parseCommandLine(words)).toThrow(named);
  });
});
